//! What happens to a syncer of what is virtual alone, and what is so in the end.

use proptest::prelude::*;
use sluice_core::key::Side;

use crate::alone::Alone;
use crate::happening::{self, happening, side};

#[derive(Clone, Debug)]
enum Happening {
    /// Something that wants these is made, or changed.
    Want(u8, [bool; 3]),
    /// A user deletes it.
    Unwant(u8),
    /// A tenant changes what was made.
    Drift(u8, u8),
    /// A tenant makes its own what was made.
    Unmark(u8),
    /// A tenant gives away what is its own.
    Mark(u8),
    /// A tenant deletes what stands there.
    Delete(u8),
    /// A tenant makes one itself, if there is none.
    Occupy(u8),
    /// A controller of one side sets so many finalizers.
    Hold(Side, u8, u8),
    /// The plugin gives no answers from here on, or does again.
    Mute(bool),
    /// What happens to every runtime.
    Runtime(happening::Happening),
}
use Happening::*;

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = prop_oneof![
        5 => (0..3u8, any::<[bool; 3]>()).prop_map(|(wanter, names)| Want(wanter, names)),
        2 => (0..3u8).prop_map(Unwant),
        1 => (0..2u8, 0..4u8).prop_map(|(key, data)| Drift(key, data)),
        1 => (0..2u8).prop_map(Unmark),
        1 => (0..2u8).prop_map(Mark),
        2 => (0..2u8).prop_map(Delete),
        1 => (0..2u8).prop_map(Occupy),
        1 => (side(), 0..3u8, 0..3u8).prop_map(|(side, at, names)| Hold(side, at, names)),
        1 => any::<bool>().prop_map(Mute),
        24 => happening().prop_map(Runtime),
    ];
    prop::collection::vec(one, 0..120)
}

fn run(watch: bool, happenings: &[Happening]) -> Alone {
    let mut world = Alone::new(watch);
    for happening in happenings {
        match *happening {
            Want(wanter, ref names) => world.want(wanter, names),
            Unwant(wanter) => world.unwant(wanter),
            Drift(key, data) => world.drift(key, data),
            Unmark(key) => world.unmark(key),
            Mark(key) => world.mark(key),
            Delete(key) => world.delete(key),
            Occupy(key) => world.occupy(key),
            Hold(side, at, names) => world.hold(side, at, &["1", "2"][..usize::from(names)]),
            Mute(mute) => world.stage.asked.mute = mute,
            Runtime(happening) => world.stage.happen(happening),
        }
    }
    // Of a version that it gave no answer for, the plugin is not asked again.
    world.touch();
    world.stage.come_to_rest();
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn sim_what_is_named_stands_as_long_as_it_is(happenings in happenings()) {
        let mut world = run(false, &happenings);
        prop_assert_eq!(world.wrong(), Vec::<String>::new());
        prop_assert_eq!(world.stage.noise(), Vec::<&str>::new());
    }

    #[test]
    fn sim_what_a_watch_selects_stands_as_long_as_it_does(happenings in happenings()) {
        let mut world = run(true, &happenings);
        prop_assert_eq!(world.wrong(), Vec::<String>::new());
        prop_assert_eq!(world.stage.noise(), Vec::<&str>::new());
    }
}

#[test]
fn sim_what_is_wanted_is_made_once_and_goes_with_the_last_that_wants_it() {
    for watch in [false, true] {
        let mut world = Alone::new(watch);
        let mut did = |what: &dyn Fn(&mut Alone)| {
            let before = (world.stage.writes, world.stage.calls);
            what(&mut world);
            world.stage.come_to_rest();
            assert_eq!(world.wrong(), Vec::<String>::new());
            (world.stage.writes - before.0, world.stage.calls - before.1)
        };
        // A status is written to what stands: that takes a second call.
        assert_eq!(did(&|world| world.want(0, &[true, false, false])), (2, 2));
        // Another that wants it is no change of what is virtual alone, but a watched object may be what it holds.
        assert_eq!(did(&|world| world.want(1, &[true, false, false])), (0, u32::from(watch)));
        assert_eq!(did(&|world| world.unwant(0)), (0, u32::from(watch)));
        assert_eq!(did(&|world| world.unwant(1)), (1, 0));
    }
}
