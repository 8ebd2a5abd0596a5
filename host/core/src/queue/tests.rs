use proptest::prelude::*;

use super::*;

#[test]
fn a_key_waits_once_however_often_it_is_added() {
    let mut queue = Queue::default();
    queue.add(1);
    queue.add(2);
    queue.add(1);
    assert_eq!((queue.take(Time(0)), queue.take(Time(0)), queue.take(Time(0))), (Some(1), Some(2), None));
}

#[test]
fn what_happens_to_a_held_key_brings_it_back_after_its_holder() {
    let mut queue = Queue::default();
    queue.add(1);
    queue.take(Time(0));
    queue.add(1);
    assert_eq!(queue.take(Time(0)), None);
    queue.release(1);
    assert_eq!(queue.take(Time(0)), Some(1));
    queue.release(1);
    assert!(queue.is_idle());
}

#[test]
fn backoff_doubles_to_its_limit_and_starts_again_after_a_success() {
    let mut queue = Queue::default();
    let mut waits = Vec::new();
    let mut now = Time(0);
    for _ in 0..30 {
        queue.add(1);
        queue.take(now);
        let wait = queue.retry(1, now, 0);
        waits.push(wait);
        now = now.after(wait);
    }
    assert_eq!(waits[..4], [50, 100, 200, 400]);
    assert_eq!(waits[29], LONGEST_BACKOFF);
    queue.forgive(&1);
    queue.take(now);
    assert_eq!(queue.retry(1, now, 0), 50);
}

#[test]
fn an_event_does_not_wait_for_the_backoff() {
    let mut queue = Queue::default();
    queue.add(1);
    queue.take(Time(0));
    queue.retry(1, Time(0), 0);
    assert_eq!((queue.take(Time(10)), queue.next_at()), (None, Some(Time(50))));
    queue.add(1);
    assert_eq!(queue.take(Time(10)), Some(1));
    queue.release(1);
    assert!(queue.is_idle());
}

#[test]
fn it_tells_since_when_a_key_waits() {
    let mut queue = Queue::default();
    let since = |ready, asked| Since { ready: Time(ready), asked: Time(asked) };
    queue.pass(Time(10));
    queue.add(1);
    queue.pass(Time(20));
    queue.add(1);
    queue.add(2);
    assert_eq!(queue.depth(), Depth { ready: 2, held: 0, later: 0, oldest: Some(Time(10)) });
    queue.take(Time(30));
    assert_eq!(queue.since(&1), since(10, 10));
    assert_eq!(queue.depth(), Depth { ready: 1, held: 1, later: 0, oldest: Some(Time(20)) });
    // However often it fails, it was asked for then.
    queue.retry(1, Time(40), 0);
    queue.take(Time(40));
    queue.release(2);
    assert_eq!(queue.depth(), Depth { ready: 0, held: 0, later: 1, oldest: Some(Time(90)) });
    queue.take(Time(100));
    assert_eq!(queue.since(&1), since(90, 10));
    // What happens while it is held is another thing, which can be dealt with when it is held no more.
    queue.pass(Time(110));
    queue.add(1);
    queue.pass(Time(120));
    queue.release(1);
    queue.take(Time(130));
    assert_eq!(queue.since(&1), since(120, 110));
    // And so is what happens while it waits for its next try.
    queue.retry(1, Time(140), 0);
    queue.pass(Time(150));
    queue.add(1);
    queue.take(Time(150));
    assert_eq!(queue.since(&1), since(150, 150));
    queue.forgive(&1);
    queue.release(1);
    assert_eq!(queue.depth(), Depth::default());
}

#[derive(Clone, Debug)]
enum Op {
    Add(u8),
    AddAt(u8, u64),
    Take,
    Release,
    Retry,
    Pass(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        (0..5u8).prop_map(Op::Add),
        (0..5u8, 0..500u64).prop_map(|(key, after)| Op::AddAt(key, after)),
        Just(Op::Take),
        Just(Op::Release),
        Just(Op::Retry),
        (1..300u64).prop_map(Op::Pass),
    ]
}

proptest! {
    /// One holder at a time, and nothing that was asked for is lost, whatever the order of calls.
    #[test]
    fn no_key_is_lost_or_held_twice(ops in prop::collection::vec(op(), 0..200)) {
        let mut queue = Queue::default();
        let mut now = Time(0);
        let mut held = Vec::new();
        let mut wanted = BTreeSet::new();
        for op in ops {
            match op {
                Op::Add(key) => { queue.add(key); wanted.insert(key); }
                Op::AddAt(key, after) => { queue.add_at(key, now.after(after)); wanted.insert(key); }
                Op::Take => if let Some(key) = queue.take(now) {
                    prop_assert!(!held.contains(&key));
                    wanted.remove(&key);
                    held.push(key);
                }
                Op::Release => if let Some(key) = held.pop() { queue.release(key); }
                Op::Retry => if let Some(key) = held.pop() { queue.retry(key, now, 0); wanted.insert(key); }
                Op::Pass(time) => now = now.after(time),
            }
        }
        for key in held.drain(..) { queue.release(key); }
        now = now.after(2 * LONGEST_BACKOFF);
        while let Some(key) = queue.take(now) { wanted.remove(&key); queue.release(key); }
        prop_assert!(wanted.is_empty());
        prop_assert!(queue.is_idle());
    }
}
