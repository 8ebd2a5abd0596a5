//! What happens to a syncer that copies up, and what is so in the end.

use proptest::prelude::*;
use sluice_core::key::Side;

use crate::happening::{self, happening, side};
use crate::up::Up;

#[derive(Clone, Debug)]
enum Happening {
    /// A user makes a source, changes it, or sends it to another place or to none.
    Set(u8, u8, u8),
    /// A user deletes a source.
    Delete(u8),
    /// A tenant changes a copy.
    Drift(u8, u8),
    /// A tenant takes one of the markers off a copy, or all.
    Unmark(u8, u8),
    /// A tenant says that a copy is that of another source.
    Forge(u8, u8),
    /// A tenant deletes what stands at a place.
    Vacate(u8),
    /// A tenant takes a place, if it is free.
    Occupy(u8),
    /// A controller of one side sets so many finalizers.
    Hold(Side, u8, u8),
    /// What happens to every runtime.
    Runtime(happening::Happening),
}
use Happening::*;

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = prop_oneof![
        5 => (0..3u8, 0..3u8, 0..3u8).prop_map(|(key, place, data)| Set(key, place, data)),
        2 => (0..3u8).prop_map(Delete),
        1 => (0..2u8, 0..4u8).prop_map(|(place, data)| Drift(place, data)),
        1 => (0..2u8, 0..7u8).prop_map(|(place, which)| Unmark(place, which)),
        1 => (0..2u8, 0..3u8).prop_map(|(place, key)| Forge(place, key)),
        2 => (0..2u8).prop_map(Vacate),
        1 => (0..2u8).prop_map(Occupy),
        1 => (side(), 0..3u8, 0..3u8).prop_map(|(side, at, names)| Hold(side, at, names)),
        24 => happening().prop_map(Runtime),
    ];
    prop::collection::vec(one, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn sim_every_place_holds_what_a_source_sends_there(happenings in happenings()) {
        let mut world = Up::new();
        for happening in &happenings {
            match *happening {
                Set(key, place, data) => world.set(key, place, data),
                Delete(key) => world.delete(key),
                Drift(place, data) => world.drift(place, data),
                Unmark(place, which) => world.unmark(place, which),
                Forge(place, key) => world.forge(place, key),
                Vacate(place) => world.vacate(place),
                Occupy(place) => world.occupy(place),
                Hold(side, at, names) => world.hold(side, at, &["1", "2"][..usize::from(names)]),
                Runtime(happening) => world.stage.happen(happening),
            }
        }
        world.stage.come_to_rest();
        prop_assert_eq!(world.wrong(), Vec::<String>::new());
        prop_assert_eq!(world.stage.noise(), Vec::<&str>::new());
    }
}

#[test]
fn sim_a_source_that_is_sent_elsewhere_takes_its_copy_along() {
    let mut world = Up::new();
    world.set(0, 0, 1);
    world.stage.come_to_rest();
    assert_eq!((world.stage.writes, world.stage.calls), (1, 1));
    world.set(0, 1, 1);
    world.stage.come_to_rest();
    assert_eq!((world.stage.writes, world.stage.calls), (3, 3));
    world.delete(0);
    world.stage.come_to_rest();
    assert_eq!((world.stage.writes, world.stage.calls), (4, 4));
    assert_eq!(world.wrong(), Vec::<String>::new());
    assert_eq!(world.stage.virtual_.all().count(), 0);
}

#[test]
fn sim_what_no_mark_says_is_ours_stays_when_its_source_goes() {
    let mut world = Up::new();
    world.set(0, 0, 1);
    world.stage.come_to_rest();
    let syncer = 5;
    world.unmark(0, syncer);
    world.delete(0);
    world.stage.relist(Side::Physical);
    world.stage.come_to_rest();
    assert_eq!(world.stage.virtual_.all().count(), 1);
}
