//! Maps that both sides may change, such as the data of a ConfigMap or a Service's annotations.
//!
//! What each side changed since the pair last settled is told apart key by key: a change of the virtual side wins, else
//! the physical side's counts, and a key that went goes on both. Before a pair has settled (the first call, or after
//! the runtime was started) nobody can know what changed: the virtual side wins, and keys of either side stay.
//!
//! ```no_run
//! use sluice_sdk::k8s_openapi::api::core::v1::ConfigMap;
//! use sluice_sdk::{Answer, Body, Context, Intents, Physical, Side, Virtual, merge};
//!
//! # struct ConfigMaps;
//! # impl ConfigMaps {
//! fn sync(&self, ctx: &Context, physical: &Physical<ConfigMap>, virtual_object: &Virtual<ConfigMap>) -> Answer {
//!     let data = Some(merge::settled(physical, virtual_object, |object| object.data.as_ref())?);
//!     let down = ConfigMap { data: data.clone(), ..ConfigMap::clone(physical) };
//!     let up = ConfigMap { data, ..ConfigMap::clone(virtual_object) };
//!     Ok(Intents::none().desire(Side::Physical, Body::whole(&down)?).desire(Side::Virtual, Body::whole(&up)?))
//! }
//! # }
//! ```
//!
//! To change a virtual object is more than keeping its copy, so such a plugin [asks](crate::Plugin::asks) to
//! [`Update`](crate::Verb::Update) it.

use std::collections::BTreeMap;

use crate::{Failure, Object, Physical, Virtual};

/// The map as both sides should have it, with what [`settled`](Virtual::settled) shows as the base.
///
/// # Errors
/// An object as it was does not parse.
pub fn settled<T: Object, V: Clone + PartialEq>(
    physical: &Physical<T>,
    virtual_object: &Virtual<T>,
    map: impl Fn(&T) -> Option<&BTreeMap<String, V>>,
) -> Result<BTreeMap<String, V>, Failure> {
    let nothing = BTreeMap::new();
    let of = |object| map(object).unwrap_or(&nothing);
    let (base_virtual, base_physical) = (virtual_object.settled()?, physical.settled()?);
    let base_virtual = base_virtual.as_ref().map(|object| of(object));
    let base_physical = base_physical.as_ref().map(|object| of(object));
    Ok(maps(base_virtual, base_physical, of(virtual_object), of(physical)))
}

/// The map as both sides should have it. A base is what a side was when the pair last settled: `None` if it never did,
/// an empty map if there was no map then.
pub fn maps<V: Clone + PartialEq>(
    base_virtual: Option<&BTreeMap<String, V>>,
    base_physical: Option<&BTreeMap<String, V>>,
    virtual_: &BTreeMap<String, V>,
    physical: &BTreeMap<String, V>,
) -> BTreeMap<String, V> {
    let merged = |key: &String| {
        let (ours, theirs) = (virtual_.get(key), physical.get(key));
        let changed = |base: Option<&BTreeMap<String, V>>, now| base.is_some_and(|base| base.get(key) != now);
        if changed(base_virtual, ours) {
            ours
        } else if changed(base_physical, theirs) {
            theirs
        } else {
            ours.or(theirs)
        }
    };
    let keys = virtual_.keys().chain(physical.keys());
    keys.filter_map(|key| merged(key).map(|value| (key.clone(), value.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_map;
    use proptest::prelude::*;

    use super::*;

    type Map = BTreeMap<String, u8>;

    /// Few keys and values, so that sides meet.
    fn map() -> impl Strategy<Value = Map> {
        btree_map("[a-d]", 0..3u8, 0..4)
    }

    proptest! {
        #[test]
        fn what_nobody_changed_stays(base in map()) {
            prop_assert_eq!(maps(Some(&base), Some(&base), &base, &base), base);
        }

        #[test]
        fn a_change_of_one_side_alone_is_the_result(base in map(), changed in map()) {
            prop_assert_eq!(&maps(Some(&base), Some(&base), &changed, &base), &changed);
            prop_assert_eq!(&maps(Some(&base), Some(&base), &base, &changed), &changed);
        }

        #[test]
        fn what_the_virtual_side_changed_wins(base in map(), virtual_ in map(), physical in map()) {
            let merged = maps(Some(&base), Some(&base), &virtual_, &physical);
            for key in ["a", "b", "c", "d"] {
                let side = if virtual_.get(key) == base.get(key) { &physical } else { &virtual_ };
                prop_assert_eq!(merged.get(key), side.get(key));
            }
        }

        #[test]
        fn without_a_base_nothing_goes_and_the_virtual_side_wins(virtual_ in map(), physical in map()) {
            let mut both = physical.clone();
            both.extend(virtual_.clone());
            prop_assert_eq!(maps(None, None, &virtual_, &physical), both);
        }

        #[test]
        fn the_result_is_stable(bases in proptest::option::of((map(), map())), virtual_ in map(), physical in map()) {
            let (base_virtual, base_physical) = bases.as_ref().map(|(ours, theirs)| (ours, theirs)).unzip();
            let merged = maps(base_virtual, base_physical, &virtual_, &physical);
            prop_assert_eq!(&maps(Some(&merged), Some(&merged), &merged, &merged), &merged);
            prop_assert_eq!(&maps(base_virtual, base_physical, &merged, &merged), &merged);
        }
    }
}
