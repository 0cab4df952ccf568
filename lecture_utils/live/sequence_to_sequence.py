"""placeholder until the Python half is merged"""
