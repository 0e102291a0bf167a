"""The office: accounts and their sign-in, the trail of what staff did, the tasks that
wait for them.
"""
