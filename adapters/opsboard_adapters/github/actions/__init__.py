"""Actions on runs, deployments and workflows: one file each, on :mod:`opsboard.adapter.actions`.

GitHub takes no precondition with a request. The toolkit reads it again right before sending; what
happens in the moment between the two shows in the verdict.
"""
