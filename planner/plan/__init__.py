"""Stage 5, plan: the ways out of what assess found. Pure.

fleet, bridges, options, trial, ground   who moves, through which versions, what a pin may become, and how it is tried
pose, order/, journey, steps             the problem, its exact answer, and that answer as steps
blocked, lifts, ceilings                 what stands against a plan, and what would lift it
copies/, pins/                           what planner convert and planner repin carry out
offers, remedies                         the ways out of one finding
"""
