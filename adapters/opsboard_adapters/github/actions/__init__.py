"""Acting on runs, deployments and workflows.

GitHub knows no precondition for what it is asked to do: a plan's is looked at again just before
it is carried out, and what happens in the moment between the two is told by the verdict.
"""
