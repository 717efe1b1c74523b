"""The one table of what Ray's names mean to the submissions around them."""

from __future__ import annotations

# What a name of Ray is, and so what ends a region; a name that is not listed has an unknown effect:
#   value     a type or a constant, or a call that neither waits for a submission nor sees or changes one
#   declares  makes a remote function or an actor class, and submits nothing
#   waits     waits for submissions
#   stops     stops submissions or actors
#   observes  shows what the cluster or other programs do, or finds an actor of theirs
#   reserves  submits on its own: reserves resources, or starts actors
#   session   starts or ends the connection to a cluster
_TABLE: dict[str, dict[str, str]] = {
    "ray": {
        "value": "put ObjectRef ObjectID ActorID ActorClassID NodeID JobID WorkerID FunctionID TaskID UniqueID"
        " PlacementGroupID ObjectRefGenerator DynamicObjectRefGenerator Language LoggingConfig ClientBuilder"
        " SCRIPT_MODE WORKER_MODE __version__ __commit__ get_runtime_context get_gpu_ids",
        "declares": "remote method java_function java_actor_class cpp_function",
        "waits": "get wait",
        "stops": "kill cancel",
        "observes": "is_initialized get_actor nodes available_resources cluster_resources timeline",
        "session": "init shutdown client",
    },
    "ray.actor": {"value": "ActorHandle ActorClass ActorMethod", "declares": "method", "stops": "exit_actor"},
    "ray.remote_function": {"value": "RemoteFunction"},
    "ray.runtime_context": {"value": "get_runtime_context RuntimeContext"},
    "ray.runtime_env": {"value": "RuntimeEnv RuntimeEnvConfig"},
    "ray.job_config": {"value": "JobConfig"},
    "ray.exceptions": {
        "value": "RayError RayTaskError RayActorError ActorDiedError ActorUnavailableError GetTimeoutError"
        " ObjectLostError OwnerDiedError TaskCancelledError TaskUnschedulableError ActorUnschedulableError"
        " WorkerCrashedError RaySystemError RuntimeEnvSetupError OutOfMemoryError NodeDiedError LocalRayletDiedError"
        " AsyncioActorExit ObjectStoreFullError OutOfDiskError"
    },
    "ray.util": {
        "value": "get_node_ip_address log_once",
        "waits": "as_completed map_unordered",
        "observes": "list_named_actors placement_group_table get_placement_group get_current_placement_group",
        "reserves": "ActorPool placement_group",
        "stops": "remove_placement_group",
        "session": "connect disconnect",
    },
    "ray.util.actor_pool": {"reserves": "ActorPool"},
    "ray.util.actor_group": {"reserves": "ActorGroup"},
    "ray.util.queue": {"reserves": "Queue", "value": "Empty Full"},
    "ray.util.multiprocessing": {"reserves": "Pool"},
    "ray.util.placement_group": {
        "value": "PlacementGroup",
        "reserves": "placement_group",
        "stops": "remove_placement_group",
        "observes": "placement_group_table get_placement_group get_current_placement_group",
    },
    "ray.util.scheduling_strategies": {
        "value": "NodeAffinitySchedulingStrategy PlacementGroupSchedulingStrategy NodeLabelSchedulingStrategy"
        " In NotIn Exists DoesNotExist"
    },
    "ray.util.state": {"observes": "list_actors list_tasks list_objects list_nodes list_jobs summarize_tasks get_task"},
    "ray.experimental": {"observes": "get_local_object_locations get_object_locations"},
}
# Ray's libraries run programs of their own.
_LIBRARIES = frozenset({"data", "train", "tune", "serve", "rllib", "workflow", "dag", "job_submission", "air", "llm"})
_TELLS = {
    "waits": "",
    "stops": "",
    "declares": "",
    "observes": " shows what was submitted",
    "reserves": " submits on its own",
    "session": "",
    "library": " runs a program of its own",
}

MEANINGS = {
    f"{module}.{name}": meaning
    for module, meanings in _TABLE.items()
    for meaning, names in meanings.items()
    for name in names.split()
}
REMOTE = "ray.remote"


def meaning(name: str) -> str | None:
    """What a dotted name of Ray is: an entry of the table, or `library`; None for one that it does not list."""
    parts = name.split(".")
    if len(parts) > 1 and parts[0] == "ray" and parts[1] in _LIBRARIES:
        return "library"
    return MEANINGS.get(name)


def is_of_ray(name: str) -> bool:
    """Whether a dotted name is Ray's."""
    return name == "ray" or name.startswith("ray.")


def is_silent(name: str) -> bool:
    """Whether a call of this name neither waits for submissions nor sees, makes or changes any."""
    return MEANINGS.get(name) == "value"


def drives(name: str) -> bool:
    """Whether code that calls this name runs a program of its own, as a script does."""
    return name == "ray.init" or name == "ray.shutdown" or MEANINGS.get(name) == "waits"


def why_it_ends(name: str) -> str:
    """Why a region ends at a call of this name, in a few words."""
    return name + _TELLS.get(meaning(name) or "", "")
