"""Errors of tasks."""

from domain.shared.errors import NotFound, RateLimited, RuleViolated, Unavailable
from domain.shared.text import Text


class TaskNotFound(NotFound):
    """The same for an unknown or expired task, a wrong secret, and the task of another person."""

    code = "TASK_NOT_FOUND"
    text = Text("任务不存在或已过期", "No such task, or it has expired")


class TooManyTasks(RateLimited):
    code = "TASKS_TOO_MANY"
    text = Text("正在处理的请求过多，请等待其完成", "Too many requests are still in progress; wait for one to finish")


class TaskInterrupted(Unavailable):
    """The app process that carried it out has stopped. Asking again is safe."""

    code = "TASK_INTERRUPTED"
    text = Text("处理被中断，请重试", "The work was interrupted; please try again")


class ResultTooLarge(RuleViolated):
    """The same request without `Prefer: respond-async` is answered with the whole file."""

    code = "TASK_RESULT_TOO_LARGE"
    text = Text("文件过大，请直接下载", "The file is too large for a task; download it directly")
