"""Every system of the book, drawn: one specification each, bound to its model by names."""

from lecture_utils.diagrams.address_and_gates import address_and_gates
from lecture_utils.diagrams.alexnet import alexnet
from lecture_utils.diagrams.at_work import at_work
from lecture_utils.diagrams.bahdanau import bahdanau, read
from lecture_utils.diagrams.bam import bam
from lecture_utils.diagrams.convolution import convolution
from lecture_utils.diagrams.gru import gru
from lecture_utils.diagrams.heads import heads
from lecture_utils.diagrams.lenet import lenet, lenet_1998
from lecture_utils.diagrams.lstm import lstm
from lecture_utils.diagrams.motif import motif
from lecture_utils.diagrams.non_local import non_local
from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture
from lecture_utils.diagrams.recurrent import recurrent
from lecture_utils.diagrams.residual_attention import residual_attention
from lecture_utils.diagrams.residual_stream import residual_stream
from lecture_utils.diagrams.resnet import bottleneck, residual_block, residual_network
from lecture_utils.diagrams.scaled_dot import scaled_dot
from lecture_utils.diagrams.senet import squeeze_and_excitation
from lecture_utils.diagrams.transformer import decoder_layer, encoder_layer, transformer
from lecture_utils.diagrams.translator import encoder_attention_decoder, fixed_context

__all__ = [
    "Arrow",
    "Note",
    "Part",
    "Picture",
    "Step",
    "address_and_gates",
    "alexnet",
    "at_work",
    "bahdanau",
    "bam",
    "bottleneck",
    "convolution",
    "decoder_layer",
    "encoder_attention_decoder",
    "encoder_layer",
    "fixed_context",
    "gru",
    "heads",
    "lenet",
    "lenet_1998",
    "lstm",
    "motif",
    "non_local",
    "read",
    "recurrent",
    "residual_attention",
    "residual_block",
    "residual_network",
    "residual_stream",
    "scaled_dot",
    "squeeze_and_excitation",
    "transformer",
]
