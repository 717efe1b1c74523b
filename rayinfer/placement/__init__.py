"""The group-scheduling policy over a cluster view: pure, without Ray."""

from rayinfer.placement.policy import History, Request, place
from rayinfer.placement.view import ClusterView, NodeView

__all__ = ["ClusterView", "History", "NodeView", "Request", "place"]
