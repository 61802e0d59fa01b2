"""The knowledge that planner ships, read once for all tests."""

from planner.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
