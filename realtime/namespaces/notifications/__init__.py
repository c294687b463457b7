"""The `/notifications` namespace."""

from realtime.namespaces.notifications.namespace import NotificationsNamespace

__all__ = ["NotificationsNamespace"]
