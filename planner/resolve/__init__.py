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
from planner.resolve.turns import Asking, Turns

__all__ = ["Answer", "Platforms", "Resolver", "resolve"]

Reply = Resolution | Config


def resolve(  # noqa: PLR0913, PLR0917 - the last three have defaults that suit
    references: Collection[Reference],
    resolver: Resolver,
    platforms: Platforms,
    jobs: int = 8,
    on_done: Callable[[int, int], None] | None = None,
    per_registry: int = 8,
) -> dict[Reference, Resolution]:
    """Ask for every reference once, and for what an index holds for `platforms`; keys are `asked(reference)`.

    `platforms` None asks for every entry of every index: there are engines that fetch them all.

    At most `jobs` questions are open at a time, `per_registry` of them to one registry. `on_done(done, total)` is
    called in this thread after each answer; the total grows as indexes turn up. Failures are resolutions. An interrupt
    ends the open questions and is raised.
    """
    run = _Run(resolver, platforms, on_done, Turns(jobs, per_registry))
    roots = sorted({asked(reference) for reference in references}, key=str)
    with ThreadPoolExecutor(jobs, "resolve") as pool:
        run.ask_all(roots, pool)
    return {root: tree(run.manifests[root], run.manifests, run.configs, platforms) for root in roots}


class _Run:
    """The questions of one run. Each is asked once; its answer leads to the next ones, without waiting for others."""

    def __init__(
        self, resolver: Resolver, platforms: Platforms, on_done: Callable[[int, int], None] | None, turns: Turns
    ) -> None:
        self.manifests: dict[Reference, Resolution] = {}
        self.configs: dict[Question, Config] = {}
        self._resolver = resolver
        self._platforms = platforms
        self._on_done = on_done
        self._turns = turns
        self._asked: set[Question] = set()
        # References whose config is wanted if they turn out to be single images: no index names their platform.
        self._single: set[Reference] = set()
        self._at_hand: list[tuple[Asking, Reply]] = []
        self._answered: SimpleQueue[tuple[Asking, Future[Reply]]] = SimpleQueue()

    def ask_all(self, roots: list[Reference], pool: ThreadPoolExecutor) -> None:
        """Fill `manifests` and `configs` with all that `roots` lead to."""
        try:
            self._single.update(roots)
            for root in roots:
                self._want(Question(root), 0)
            done = 0
            while done < len(self._asked):
                self._receive(*self._next(pool))
                done += 1
                if self._on_done:
                    self._on_done(done, len(self._asked))
        except BaseException:
            self._resolver.close()
            pool.shutdown(wait=True, cancel_futures=True)
            raise

    def _next(self, pool: ThreadPoolExecutor) -> tuple[Asking, Reply]:
        """An answered question; before that, all those whose turn it is are asked."""
        while asking := self._turns.next():
            self._submit(pool, asking)
        if self._at_hand:
            return self._at_hand.pop()
        asking, future = self._answered.get()
        self._turns.end(asking)
        return asking, future.result()

    def _want(self, question: Question, depth: int) -> None:
        if question in self._asked:
            return
        self._asked.add(question)
        asking = Asking(question, depth)
        if answer := self._resolver.at_hand(question.reference, question.config):
            self._at_hand.append((asking, _read(question, answer)))
        else:
            self._turns.wait(asking)

    def _submit(self, pool: ThreadPoolExecutor, asking: Asking) -> None:
        future = pool.submit(self._reply, asking.question)
        future.add_done_callback(lambda finished: self._answered.put((asking, finished)))

    def _reply(self, question: Question) -> Reply:
        if question.config:
            return _read(question, self._resolver.config(question.reference, question.config))
        return _read(question, self._resolver.manifest(question.reference))

    def _receive(self, asking: Asking, reply: Reply) -> None:
        question, depth = asking.question, asking.depth
        if isinstance(reply, Config):
            self.configs[question] = reply
            return
        self.manifests[question.reference] = reply
        self._want_config(question.reference)
        for step in steps(reply, self._platforms, depth):
            if step.unplaced:
                self._single.add(step.reference)
            if not step.obstacle:
                self._want(Question(step.reference), depth + 1)
                self._want_config(step.reference)

    def _want_config(self, reference: Reference) -> None:
        resolution = self.manifests.get(reference) if reference in self._single else None
        if resolution and (question := config_question(resolution)):
            self._want(question, 0)


def _read(question: Question, answer: Answer) -> Reply:
    return read_config(question.config, answer) if question.config else read_manifest(question.reference, answer)
