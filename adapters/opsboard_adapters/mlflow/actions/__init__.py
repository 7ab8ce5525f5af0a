"""Rolling a model back, or forward: its leading alias is moved to another version.

On servers from before aliases it is the stage that is moved. Each module has one job:
:mod:`.snapshot` reads how a model stands, :mod:`.choice` says which versions may serve,
:mod:`.form` and :mod:`.plan` make the form and the plan, :mod:`.execute` carries one out, and
:mod:`.outcome` tells what came of it.
"""
