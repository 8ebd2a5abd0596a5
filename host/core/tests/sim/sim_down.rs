//! What happens to a syncer that copies down, and what is so in the end.

use proptest::prelude::*;
use sluice_core::key::Side;

use crate::down::Down;
use crate::happening::{self, Fate, happening, side};

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
    /// A controller of one side sets so many finalizers.
    Hold(Side, u8, u8),
    /// What happens to every runtime.
    Runtime(happening::Happening),
}
use Happening::*;

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = prop_oneof![
        4 => (0..3u8, 0..4u8).prop_map(|(key, data)| Set(key, data)),
        2 => (0..3u8).prop_map(Delete),
        1 => (0..3u8, 0..4u8).prop_map(|(key, data)| Drift(key, data)),
        1 => (0..3u8).prop_map(Unmark),
        1 => (0..3u8).prop_map(DeleteCopy),
        1 => (0..3u8).prop_map(Occupy),
        1 => (0..3u8).prop_map(Vacate),
        2 => (side(), 0..3u8, 0..3u8).prop_map(|(side, key, names)| Hold(side, key, names)),
        24 => happening().prop_map(Runtime),
    ];
    prop::collection::vec(one, 0..120)
}

fn run(finalizers: bool, happenings: &[Happening]) -> Down {
    let mut world = Down::new(finalizers);
    for happening in happenings {
        match *happening {
            Set(key, data) => world.set(key, data),
            Delete(key) => world.delete(key),
            Drift(key, data) => world.drift(key, data),
            Unmark(key) => world.unmark(key),
            DeleteCopy(key) => world.delete_copy(key),
            Occupy(key) => world.occupy(key),
            Vacate(key) => world.vacate(key),
            Hold(side, key, names) => world.hold(side, key, &["1", "2"][..usize::from(names)]),
            Runtime(happening) => world.stage.happen(happening),
        }
    }
    world.stage.come_to_rest();
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn sim_both_sides_end_where_an_undisturbed_run_ends(happenings in happenings()) {
        let mut world = run(false, &happenings);
        prop_assert_eq!(world.wrong(), Vec::<String>::new());
        prop_assert_eq!(world.stage.noise(), Vec::<&str>::new());
    }

    #[test]
    fn sim_finalizers_hold_as_long_as_their_owners(happenings in happenings()) {
        let mut world = run(true, &happenings);
        prop_assert_eq!(world.wrong(), Vec::<String>::new());
        prop_assert_eq!(world.stage.noise(), Vec::<&str>::new());
        world.let_go();
        world.stage.come_to_rest();
        prop_assert_eq!(world.wrong(), Vec::<String>::new());
        prop_assert_eq!(world.stage.virtual_.all().count(), 0, "what everybody let go is gone");
    }
}

#[test]
fn sim_an_undisturbed_create_is_one_call_and_one_write() {
    let mut world = Down::new(false);
    world.stage.come_to_rest();
    world.set(0, 1);
    world.stage.come_to_rest();
    assert_eq!((world.stage.writes, world.stage.calls), (1, 1));
    world.set(0, 2);
    world.stage.come_to_rest();
    assert_eq!((world.stage.writes, world.stage.calls), (2, 2));
    world.delete(0);
    world.stage.come_to_rest();
    assert_eq!((world.stage.writes, world.stage.calls), (3, 3));
    assert_eq!(world.wrong(), Vec::<String>::new());
}

#[test]
fn sim_nothing_is_decided_before_the_watch_shows_our_own_write() {
    let mut world = Down::new(false);
    for data in 1..3 {
        world.set(2, data);
        world.stage.deliver(Side::Virtual);
        world.stage.begin();
        world.stage.end(0, Fate::Kept);
    }
    assert_eq!((world.stage.writes, world.stage.calls), (1, 1));
    world.stage.go_on(3);
    assert_eq!((world.stage.writes, world.stage.calls), (2, 2));
}

#[test]
fn sim_a_copy_that_says_no_more_whose_it_was_stays() {
    let end = Runtime(happening::Happening::End(0, Fate::Unanswered));
    let [deliver, begin] = [happening::Happening::Deliver(Side::Virtual), happening::Happening::Begin].map(Runtime);
    let happenings = [Set(0, 0), deliver, begin, end, Unmark(0), Set(1, 0), Delete(0)];
    assert_eq!(run(false, &happenings).wrong(), Vec::<String>::new());
}
