"""The nouns: frozen, slotted dataclasses and pure functions. Imports nothing else of planner."""
