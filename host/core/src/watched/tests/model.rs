//! Whatever a watch shows and a plugin answers, what is found is what a model without an index finds.

use proptest::prelude::*;

use super::{pairs, watch};
use crate::key::Gvk;
use crate::watched::*;

const OBJECTS: [(&str, &str); 3] = [("d", "a"), ("d", "b"), ("e", "a")];
const PAIRS: [&str; 3] = ["x", "y", "z"];

/// One event, which says something of the first object, or of those chosen; and what the plugin answers for each.
#[derive(Clone, Debug)]
struct Step {
    event: Shape,
    /// Which objects are another version than before.
    changed: [bool; 3],
    said: [Option<Concern>; 3],
}

#[derive(Clone, Debug)]
enum Shape {
    Applied(usize),
    Deleted(usize),
    Reset(Option<&'static str>, [bool; 3]),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let chosen =
        |all: [bool; 3]| PAIRS.iter().zip(all).filter(|(_, is)| *is).map(|(pair, _)| *pair).collect::<Vec<_>>();
    let said = prop_oneof![
        5 => any::<[bool; 3]>().prop_map(move |all| Some(pairs(&chosen(all)))),
        1 => Just(Some(Concern::All)),
        1 => Just(None),
    ];
    let namespace = prop_oneof![Just(None), Just(Some("d")), Just(Some("e"))];
    let event = prop_oneof![
        4 => (0..3usize).prop_map(Shape::Applied),
        2 => (0..3usize).prop_map(Shape::Deleted),
        2 => (namespace, any::<[bool; 3]>()).prop_map(|(namespace, live)| Shape::Reset(namespace, live)),
    ];
    let step = (event, any::<[bool; 3]>(), [said.clone(), said.clone(), said]);
    prop::collection::vec(step.prop_map(|(event, changed, said)| Step { event, changed, said }), 0..30)
}

/// What is there: the version of each object, and what its plugin said last.
type Model = BTreeMap<usize, (u32, Concern)>;

fn object(at: usize, version: u32) -> Arc<Object> {
    let (namespace, name) = OBJECTS[at];
    let json = format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"{namespace}","uid":"{at}","resourceVersion":"{version}"}}}}"#
    );
    Arc::new(Object::parse(&Gvk::new("", "v1", "Pod"), &json).unwrap())
}

fn key(at: usize) -> Key {
    Key::namespaced(OBJECTS[at].0, OBJECTS[at].1)
}

/// The objects that concern a pair, by looking at all.
fn found(model: &Model, pair: &Key) -> Vec<Key> {
    let mut found: Vec<Key> =
        model.iter().filter(|(_, (_, said))| said.pairs().any(|of| of == pair)).map(|(at, _)| key(*at)).collect();
    found.sort();
    found
}

/// The event, and what the model is then.
fn happen(model: &Model, step: &Step) -> (WatchEvent, Model) {
    let mut after = model.clone();
    let mut see = |at: usize| {
        let none = (0, Concern::Pairs(BTreeSet::new()));
        let (version, said) = after.get(&at).cloned().unwrap_or(none);
        let is_new = version == 0 || step.changed[at];
        let version = version + u32::from(is_new);
        let said = step.said[at].clone().filter(|_| is_new).unwrap_or(said);
        after.insert(at, (version, said));
        object(at, version)
    };
    let event = match &step.event {
        Shape::Applied(at) => WatchEvent::Applied(see(*at)),
        Shape::Deleted(at) => {
            after.remove(at);
            WatchEvent::Deleted(object(*at, 99))
        }
        Shape::Reset(namespace, live) => {
            let of = |at: usize| namespace.is_none_or(|namespace| OBJECTS[at].0 == namespace);
            let objects = (0..3).filter(|&at| of(at) && live[at]).map(&mut see).collect();
            after.retain(|&at, _| !of(at) || live[at]);
            WatchEvent::Reset { namespace: namespace.map(Into::into), objects }
        }
    };
    (event, after)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_concerns_a_pair_is_what_a_model_says_and_none_is_forgotten(steps in steps()) {
        let mut watched = Watched::new(&[watch("pods")]);
        let mut model = Model::new();
        let mut names = BTreeMap::<Key, BTreeSet<Key>>::new();
        for step in steps {
            let (event, after) = happen(&model, &step);
            let (mut filed, ask) = watched.take(0, &event);
            for seen in &ask {
                let at = (0..3).find(|&at| key(at) == seen.key).unwrap();
                watched.file(&seen.key, step.said[at].clone(), &mut filed);
            }
            let told = |pair: &Key| filed.concern == Concern::All || filed.concern.pairs().any(|of| of == pair);
            for pair in PAIRS.map(|name| Key::namespaced("d", name)) {
                let (before, now) = (found(&model, &pair), found(&after, &pair));
                let concerning: Vec<_> = watched.concerning("pods", &pair, 9).unwrap();
                prop_assert_eq!(concerning.iter().map(|object| object.key.clone()).collect::<Vec<_>>(), now.clone());
                prop_assert!(watched.concerning("pods", &pair, 1).unwrap().len() <= 1);
                prop_assert!(before == now || told(&pair), "{} is not told", pair);
                // Nor is a pair that an object still concerns, if that is another now.
                let other = |at: &Key| ask.iter().any(|seen| seen.key == *at);
                prop_assert!(!now.iter().any(other) || told(&pair), "{} is not told of a change", pair);
            }
            // What went or came and concerned all is told to all.
            let all = |model: &Model, at: usize| model.get(&at).filter(|(_, said)| *said == Concern::All).map(|(version, _)| *version);
            prop_assert!((0..3).all(|at| all(&model, at) == all(&after, at)) || filed.concern == Concern::All);
            names.extend(filed.names);
            for at in 0..3 {
                let of = after.get(&at).map(|(_, said)| said.pairs().cloned().collect()).unwrap_or_default();
                prop_assert_eq!(names.get(&key(at)).cloned().unwrap_or_default(), of, "what {} names", key(at));
                prop_assert_eq!(watched.get("pods", &key(at)).unwrap().is_some(), after.contains_key(&at));
            }
            prop_assert_eq!(filed.listed.is_some(), matches!(event, WatchEvent::Reset { .. }));
            model = after;
        }
    }
}
