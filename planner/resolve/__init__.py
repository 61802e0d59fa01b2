"""Stage 3, resolve: what the registries say to each distinct reference.

The resolvers are siblings: `skopeo` asks registries, `snapshot` replays what was recorded. `cache`, `give_up` and
`snapshot.RecordingResolver` wrap another one.
"""

from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from planner.model.reference import Reference
from planner.model.report import asked
from planner.model.resolution import Resolution
from planner.resolve.answer import Answer, Resolver
from planner.resolve.follow import Config, Platforms, Question, config_question, read_config, read_manifest, steps, tree

__all__ = ["Answer", "Platforms", "Resolver", "resolve"]

Reply = Resolution | Config


def resolve(
    references: Collection[Reference],
    resolver: Resolver,
    platforms: Platforms,
    jobs: int = 8,
    on_done: Callable[[int, int], None] | None = None,
) -> dict[Reference, Resolution]:
    """Ask for every reference once, and for what an index holds for `platforms`; keys are `asked(reference)`.

    `platforms` None asks for every entry of every index: there are engines that fetch them all.

    At most `jobs` questions are open at a time. `on_done(done, total)` is called in this thread after each answer;
    the total grows as indexes turn up. Failures are resolutions. An interrupt ends the open questions and is raised.
    """
    run = _Run(resolver, platforms, on_done)
    roots = sorted({asked(reference) for reference in references}, key=str)
    run.ask_all(roots, max(1, jobs))
    return {root: tree(run.manifests[root], run.manifests, run.configs, platforms) for root in roots}


class _Run:
    """The questions of one run. Each is asked once; its answer leads to the next ones, without waiting for others."""

    def __init__(self, resolver: Resolver, platforms: Platforms, on_done: Callable[[int, int], None] | None) -> None:
        self.manifests: dict[Reference, Resolution] = {}
        self.configs: dict[Question, Config] = {}
        self._resolver = resolver
        self._platforms = platforms
        self._on_done = on_done
        self._asked: set[Question] = set()
        # References whose config is wanted if they turn out to be single images: no index names their platform.
        self._single: set[Reference] = set()
        self._answered: SimpleQueue[tuple[Question, int, Future[Reply]]] = SimpleQueue()

    def ask_all(self, roots: list[Reference], jobs: int) -> None:
        """Fill `manifests` and `configs` with all that `roots` lead to."""
        pool = ThreadPoolExecutor(jobs, "resolve")
        try:
            self._single.update(roots)
            for root in roots:
                self._submit(pool, Question(root), 0)
            done = 0
            while done < len(self._asked):
                question, depth, future = self._answered.get()
                self._receive(pool, question, depth, future.result())
                done += 1
                if self._on_done:
                    self._on_done(done, len(self._asked))
        except BaseException:
            self._resolver.close()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, pool: ThreadPoolExecutor, question: Question, depth: int) -> None:
        if question in self._asked:
            return
        self._asked.add(question)
        future = pool.submit(self._reply, question)
        future.add_done_callback(lambda finished: self._answered.put((question, depth, finished)))

    def _reply(self, question: Question) -> Reply:
        if question.config:
            return read_config(question.config, self._resolver.config(question.reference, question.config))
        return read_manifest(question.reference, self._resolver.manifest(question.reference))

    def _receive(self, pool: ThreadPoolExecutor, question: Question, depth: int, reply: Reply) -> None:
        if isinstance(reply, Config):
            self.configs[question] = reply
            return
        self.manifests[question.reference] = reply
        self._want_config(pool, question.reference)
        for step in steps(reply, self._platforms, depth):
            if step.unplaced:
                self._single.add(step.reference)
            if not step.obstacle:
                self._submit(pool, Question(step.reference), depth + 1)
                self._want_config(pool, step.reference)

    def _want_config(self, pool: ThreadPoolExecutor, reference: Reference) -> None:
        resolution = self.manifests.get(reference) if reference in self._single else None
        if resolution and (question := config_question(resolution)):
            self._submit(pool, question, 0)
