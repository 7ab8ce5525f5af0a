"""What can be done to a cluster: one module an action, on :mod:`opsboard.adapter.actions`.

:mod:`.base` and :mod:`.target` are what all share; :mod:`.findings`, :mod:`.pod_template`,
:mod:`.rollout_watch` and :mod:`.job_action` what several do.
"""
