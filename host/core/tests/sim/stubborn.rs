//! An API server that does not keep what is written.

use sluice_core::key::Side;

use crate::down::Down;

/// Writes in a simulated minute, with a watch that is at once.
fn minute(world: &mut Down) -> u32 {
    let before = world.stage.writes;
    for _ in 0..6_000 {
        world.stage.go_on(3);
        world.stage.pass(10);
    }
    world.stage.writes - before
}

#[test]
fn sim_what_is_never_kept_is_asked_for_less_and_less() {
    // Waits that double from 50 ms fill a minute eleven times.
    let mut world = Down::new(false);
    world.stage.physical.strip("/data/k", u32::MAX);
    world.set(0, 1);
    let writes = minute(&mut world);
    assert!((8..=12).contains(&writes), "{writes} writes");
    // A change does not wait.
    world.set(0, 2);
    world.stage.go_on(3);
    assert_eq!(world.stage.physical.all().count(), 1);
    assert!(minute(&mut world) <= 3);
}

#[test]
fn sim_finalizers_that_are_never_kept_are_brought_less_and_less() {
    for side in Side::BOTH {
        let mut world = Down::new(true);
        world.set(0, 1);
        world.stage.come_to_rest();
        world.stage.cluster(side).strip("/metadata/finalizers", u32::MAX);
        world.hold(side.other(), 0, &["1"]);
        let writes = minute(&mut world);
        assert!((8..=12).contains(&writes), "{writes} writes");
    }
}

#[test]
fn sim_what_is_not_kept_once_settles() {
    let mut world = Down::new(false);
    world.stage.physical.strip("/data/k", 1);
    world.set(0, 1);
    assert_eq!(minute(&mut world), 2);
    assert_eq!(minute(&mut world), 0);
    world.stage.come_to_rest();
    let (_, copy) = world.stage.physical.all().next().expect("a copy");
    assert_eq!(copy["data"]["k"], "1");
}
