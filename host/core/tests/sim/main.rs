//! Whatever happens in between, both sides end where an undisturbed run ends.
//!
//! The real state machine and the real plan run between two simulated clusters, with lost watches, lost answers,
//! crashes and drift at every point that a seed can choose.

mod cluster;
mod world;

use proptest::prelude::*;
use world::{Fate, World};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Happening {
    /// A user makes a virtual object, or changes it.
    Set(u8, u8),
    /// A user deletes a virtual object.
    Delete(u8),
    /// Somebody changes a copy.
    Drift(u8, u8),
    /// Somebody takes the marker annotations off a copy.
    Unmark(u8),
    /// Somebody deletes a copy.
    DeleteCopy(u8),
    /// A stranger takes the place of a copy, if it is free.
    Occupy(u8),
    /// The stranger leaves it.
    Vacate(u8),
    /// The virtual, or the physical, watch delivers its next event.
    Deliver(bool),
    /// A watch breaks and lists again.
    Relist(bool),
    /// The next piece of work begins.
    Begin,
    /// A piece of work under way is written and reported.
    End(u8, Fate),
    /// The process is killed and starts again.
    Crash,
    /// Time passes.
    Pass(u16),
}

fn happening() -> impl Strategy<Value = Happening> {
    let fate = prop_oneof![6 => Just(Fate::Kept), 1 => Just(Fate::Unsent), 1 => Just(Fate::Unanswered)];
    prop_oneof![
        4 => (0..3u8, 0..4u8).prop_map(|(key, data)| Happening::Set(key, data)),
        2 => (0..3u8).prop_map(Happening::Delete),
        1 => (0..3u8, 0..4u8).prop_map(|(key, data)| Happening::Drift(key, data)),
        1 => (0..3u8).prop_map(Happening::Unmark),
        1 => (0..3u8).prop_map(Happening::DeleteCopy),
        1 => (0..3u8).prop_map(Happening::Occupy),
        1 => (0..3u8).prop_map(Happening::Vacate),
        8 => any::<bool>().prop_map(Happening::Deliver),
        1 => any::<bool>().prop_map(Happening::Relist),
        6 => Just(Happening::Begin),
        6 => (any::<u8>(), fate).prop_map(|(which, fate)| Happening::End(which, fate)),
        1 => Just(Happening::Crash),
        2 => (1..2_000u16).prop_map(Happening::Pass),
    ]
}

fn happen(world: &mut World, happening: &Happening) {
    match *happening {
        Happening::Set(key, data) => world.set(key, data),
        Happening::Delete(key) => world.delete(key),
        Happening::Drift(key, data) => world.drift(key, data),
        Happening::Unmark(key) => world.unmark(key),
        Happening::DeleteCopy(key) => world.delete_copy(key),
        Happening::Occupy(key) => world.occupy(key),
        Happening::Vacate(key) => world.vacate(key),
        Happening::Deliver(virtual_) => world.deliver(virtual_),
        Happening::Relist(virtual_) => world.relist(virtual_),
        Happening::Begin => world.begin(),
        Happening::End(which, fate) => world.end(which.into(), fate),
        Happening::Crash => world.crash(),
        Happening::Pass(time) => world.pass(time.into()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn sim_both_sides_end_where_an_undisturbed_run_ends(happenings in prop::collection::vec(happening(), 0..120)) {
        let mut world = World::new();
        for happening in &happenings {
            happen(&mut world, happening);
        }
        world.come_to_rest();
        prop_assert_eq!(world.wrong(), Vec::<String>::new());

        // The steady state is silent, after a relist and after a restart too.
        let (writes, calls) = (world.writes, world.calls);
        world.relist(true);
        world.relist(false);
        world.come_to_rest();
        prop_assert_eq!((world.writes, world.calls), (writes, calls), "a relist is no reason to write or to call");
        world.crash();
        world.come_to_rest();
        prop_assert_eq!(world.writes, writes, "a restart is no reason to write");
    }
}

#[test]
fn sim_an_undisturbed_create_is_one_call_and_one_write() {
    let mut world = World::new();
    world.come_to_rest();
    world.set(0, 1);
    world.come_to_rest();
    assert_eq!((world.writes, world.calls), (1, 1));
    world.set(0, 2);
    world.come_to_rest();
    assert_eq!((world.writes, world.calls), (2, 2));
    world.delete(0);
    world.come_to_rest();
    assert_eq!((world.writes, world.calls), (3, 3));
    assert_eq!(world.wrong(), Vec::<String>::new());
}
