//! What happens to a syncer with own names, where one source goes to many places, and what is so in the end.

use proptest::prelude::*;
use sluice_core::key::Side;

use crate::happening::{self, happening, side};
use crate::up::Up;

#[derive(Clone, Debug)]
enum Happening {
    /// A user makes a source, or changes it.
    Set(u8, u8),
    /// A user deletes a source.
    Delete(u8),
    /// What the plugin goes by changes: it would send a source elsewhere.
    Send(u8, [bool; 3]),
    /// What every copy is to hold changes.
    Say(u8),
    /// The watch of what the plugin goes by delivers.
    File,
    /// The plugin gives no answers from here on, or does again.
    Mute(bool),
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

/// Set without a place of its own.
const NOWHERE: u8 = 2;

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = prop_oneof![
        4 => (0..3u8, 0..3u8).prop_map(|(key, data)| Set(key, data)),
        2 => (0..3u8).prop_map(Delete),
        4 => (0..3u8, any::<[bool; 3]>()).prop_map(|(key, places)| Send(key, places)),
        1 => (0..3u8).prop_map(Say),
        2 => Just(File),
        1 => any::<bool>().prop_map(Mute),
        1 => (0..3u8, 0..4u8).prop_map(|(place, data)| Drift(place, data)),
        1 => (0..3u8, 0..7u8).prop_map(|(place, which)| Unmark(place, which)),
        1 => (0..3u8, 0..3u8).prop_map(|(place, key)| Forge(place, key)),
        2 => (0..3u8).prop_map(Vacate),
        1 => (0..3u8).prop_map(Occupy),
        1 => (side(), 0..3u8, 0..3u8).prop_map(|(side, at, names)| Hold(side, at, names)),
        24 => happening().prop_map(Runtime),
    ];
    prop::collection::vec(one, 0..120)
}

fn run(happenings: &[Happening]) -> Up {
    let mut world = Up::own();
    for happening in happenings {
        match *happening {
            Set(key, data) => world.set(key, NOWHERE, data),
            Delete(key) => world.delete(key),
            Send(key, ref places) => world.send(key, places),
            Say(word) => world.stage.asked.say(word),
            File => world.stage.file(),
            Mute(mute) => world.stage.asked.mute = mute,
            Drift(place, data) => world.drift(place, data),
            Unmark(place, which) => world.unmark(place, which),
            Forge(place, key) => world.forge(place, key),
            Vacate(place) => world.vacate(place),
            Occupy(place) => world.occupy(place),
            Hold(side, at, names) => world.hold(side, at, &["1", "2"][..usize::from(names)]),
            Runtime(happening) => world.stage.happen(happening),
        }
    }
    world.stage.ask_again();
    world.stage.come_to_rest();
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn sim_every_place_holds_what_the_plugin_sends_there(happenings in happenings()) {
        let mut world = run(&happenings);
        prop_assert_eq!(world.wrong(), Vec::<String>::new());
        prop_assert_eq!(world.stage.noise(), Vec::<&str>::new());
        // Without an answer what was said last counts, for another version too, and after a restart.
        let writes = world.stage.writes;
        world.stage.asked.mute = true;
        world.touch();
        world.stage.come_to_rest();
        prop_assert_eq!(world.stage.writes, writes, "what was said last counts");
        world.stage.crash();
        world.stage.come_to_rest();
        prop_assert_eq!(world.stage.writes, writes, "that a plugin is silent is no reason to write");
        world.stage.ask_again();
        world.stage.come_to_rest();
        prop_assert_eq!(world.stage.writes, writes, "what was there before is as it was");
    }
}

#[test]
fn sim_a_source_goes_to_all_its_places_and_leaves_those_that_are_no_more() {
    let mut world = Up::own();
    let mut did = |what: &dyn Fn(&mut Up)| {
        let before = (world.stage.writes, world.stage.calls);
        what(&mut world);
        world.stage.come_to_rest();
        assert_eq!(world.wrong(), Vec::<String>::new());
        (world.stage.writes - before.0, world.stage.calls - before.1)
    };
    did(&|world| world.send(0, &[true, true, false]));
    assert_eq!(did(&|world| world.set(0, NOWHERE, 1)), (2, 2));
    assert_eq!(did(&|world| world.set(0, NOWHERE, 2)), (2, 2));
    // That a watch concerns all is a call for each pair, and one that goes or comes is a write.
    assert_eq!(did(&|world| world.send(0, &[false, true, true])), (2, 3));
    assert_eq!(did(&|world| world.stage.asked.say(7)), (2, 2));
    assert_eq!(did(&|world| world.delete(0)), (2, 2));
}
