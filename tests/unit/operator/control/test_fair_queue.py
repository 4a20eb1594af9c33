"""Keys are handed out in turns, and nobody waits for another's fault."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from batterysim_operator.control.fair_queue import NO_LIMITS, FairQueue, Key, Limits


def queue_of(*keys: Key, host: str = "", limits: Limits = NO_LIMITS) -> FairQueue:
    queue = FairQueue(limits)
    for key in keys:
        queue.put(key, host)
    return queue


def of(namespace: str, count: int) -> list[Key]:
    return [Key(namespace, str(number)) for number in range(count)]


def take(queue: FairQueue, count: int) -> list[Key | None]:
    return [queue.take() for _ in range(count)]


def test_within_a_namespace_the_first_comes_first() -> None:
    assert take(queue_of(*of("a", 3)), 4) == [*of("a", 3), None]


def test_namespaces_take_turns() -> None:
    queue = queue_of(*of("a", 1000), *of("b", 2))

    assert [key.namespace for key in take(queue, 6) if key] == ["a", "b", "a", "b", "a", "a"]


def test_a_namespace_at_its_limit_leaves_the_workers_to_others() -> None:
    queue = queue_of(*of("a", 1000), Key("b", "0"), limits=Limits(per_namespace=2))

    assert take(queue, 4) == [Key("a", "0"), Key("b", "0"), Key("a", "1"), None]
    queue.done(Key("a", "0"))
    assert take(queue, 2) == [Key("a", "2"), None]


def test_a_host_that_does_not_answer_is_waited_for_by_two() -> None:
    queue = queue_of(*of("a", 400), *of("b", 400), host="hangs", limits=Limits(per_host=2))
    queue.put(Key("c", "0"), "answers")

    assert take(queue, 4) == [Key("a", "0"), Key("b", "0"), Key("c", "0"), None]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "x", "y"])), max_size=60),
    st.integers(1, 4),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_each_key_comes_once_and_no_limit_is_passed(
    places: list[tuple[str, str]], per_namespace: int, per_host: int, random: st.DataObject
) -> None:
    queue = FairQueue(Limits(per_namespace, per_host))
    hosts = {Key(namespace, str(number)): host for number, (namespace, host) in enumerate(places)}
    for key, host in hosts.items():
        queue.put(key, host)
    active: list[Key] = []
    taken: list[Key] = []
    while len(taken) < len(hosts) or active:
        key = queue.take()
        if key is None:
            queue.done(active.pop(random.randrange(len(active))))  # type: ignore[attr-defined]
            continue
        active.append(key)
        taken.append(key)
        assert max(Counter(item.namespace for item in active).values()) <= per_namespace
        assert max(Counter(hosts[item] for item in active if hosts[item]).values(), default=0) <= per_host

    assert sorted(taken) == sorted(hosts)
