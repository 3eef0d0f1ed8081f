"""The words of the house as frozen dataclasses and enums; imports nothing of ours."""
