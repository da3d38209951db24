"""Readers of assistants' own usage logs. What they yield is raw and never stored."""
