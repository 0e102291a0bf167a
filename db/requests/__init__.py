"""What residents ask the commune to do, and what they say about it: numbered, worked
off, answered, let go of.
"""
