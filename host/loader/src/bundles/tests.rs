use std::sync::LazyLock;

use proptest::prelude::*;
use sluice_core::markers;

use super::*;
use crate::found::{Found, MAX_BYTES, digest};

/// Something that begins as a component does, of so many bytes that hardly can be packed.
fn component(bytes: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    });
    b"\0asm\x0d\0\x01\0".iter().copied().chain(noise).take(bytes).collect()
}

fn parts(name: &str, bytes: usize) -> Vec<Part> {
    pack(name, "ns", &component(bytes)).unwrap()
}

/// The plugin that they come to.
fn plugin(parts: Vec<Part>) -> Result<Found, String> {
    let mut all = assemble(&parts);
    assert_eq!(all.len(), 1);
    all.remove(0).1.map_err(|error| error.to_string())
}

/// What is said of them, if they are changed like this.
fn problem(mut parts: Vec<Part>, change: impl FnOnce(&mut Vec<Part>)) -> String {
    change(&mut parts);
    plugin(parts).unwrap_err()
}

fn annotate(part: &mut Part, key: &str, value: &str) {
    part.annotations.insert(key.into(), value.into());
}

#[test]
fn what_was_packed_is_found_again() {
    for (bytes, count) in [(8, 1), (180 << 10, 1), (3_000_000, 17)] {
        let mut parts = parts("cars", bytes);
        assert_eq!(parts.len(), count);
        parts.reverse();
        let found = plugin(parts).unwrap();
        assert_eq!((found.name.as_str(), &found.bytes), ("cars", &component(bytes)));
        assert_eq!(found.digest, digest(&component(bytes)));
        match count {
            1 => assert_eq!(found.origin, "ConfigMap ns/sluice-plugin-cars"),
            _ => assert_eq!(found.origin, "ConfigMap ns/sluice-plugin-cars-1 and 16 more"),
        }
    }
}

#[test]
fn what_can_be_packed_is() {
    let repeated = component(8).repeat(100_000);
    let parts = pack("cars", "", &repeated).unwrap();
    assert_eq!((parts.len(), parts[0].binary_data.contains_key(PACKED)), (1, true));
    assert!(parts[0].binary_data[PACKED].len() < 10_000);
    assert_eq!(plugin(parts).unwrap().bytes, repeated);
}

/// A ConfigMap with what `kubectl create configmap --from-file` puts there, and the label.
#[test]
fn the_label_is_all_that_one_needs() {
    let labels = [(PLUGIN.to_owned(), "cars".to_owned())].into();
    let binary_data = [(PLAIN.to_owned(), component(100))].into();
    let part = Part { namespace: "ns".into(), name: "any".into(), labels, binary_data, ..Part::default() };
    let unlabelled = Part { labels: BTreeMap::new(), name: "other".into(), ..part.clone() };
    assert_eq!(plugin(vec![unlabelled, part]).unwrap().bytes, component(100));
}

#[test]
fn a_set_that_is_broken_is_refused_as_a_whole() {
    let set = || parts("cars", 700_000);
    assert_eq!(set().len(), 4);
    let said = problem(set(), |parts| drop(parts.remove(2)));
    assert!(
        said.starts_with("plugin \"cars\" in ConfigMap ns/sluice-plugin-cars-1: of its 4 parts there is no 3; "),
        "{said}"
    );
    let said = problem(set(), |parts| parts.truncate(1));
    assert!(said.contains("there is no 2, 3, 4;"), "{said}");
    let said = problem(set(), |parts| annotate(&mut parts[1], PART, "1/4"));
    assert!(said.contains("cars-2: it is part 1 of 4, and so is ns/sluice-plugin-cars-1; delete"), "{said}");
    let said = problem(set(), |parts| annotate(&mut parts[1], PART, "2/3"));
    assert!(
        said.contains("cars-2: it is of another version, or cut another way, than ns/sluice-plugin-cars-1 is"),
        "{said}"
    );
    let said = problem(set(), |parts| annotate(&mut parts[3], SHA256, &"0".repeat(64)));
    assert!(said.contains("cars-4: it is of another version"), "{said}");
    let said = problem(set(), |parts| drop(parts[2].annotations.remove(SHA256)));
    assert!(said.contains("cars-3: annotation sluice.dev/sha256 is missing"), "{said}");
    let said = problem(set(), |parts| {
        let bytes = parts[2].binary_data.remove(PLAIN).unwrap_or_default();
        parts[2].binary_data.insert(PACKED.into(), bytes);
    });
    assert!(said.contains("cars-3: it is of another version, or cut another way"), "{said}");
    let said = problem(set(), |parts| parts[0].binary_data.values_mut().for_each(|bytes| bytes[9] ^= 1));
    assert!(said.contains(": its content is sha256 ") && said.contains("`sluice plugin bundle FILE.wasm`"), "{said}");
    let said = problem(set(), |parts| parts[0].binary_data.clear());
    assert!(said.contains("cars-1: binaryData has neither plugin.wasm nor plugin.wasm.zst"), "{said}");
    let said = problem(set(), |parts| drop(parts[0].binary_data.insert(PACKED.into(), vec![])));
    assert!(said.contains("cars-1: binaryData has both"), "{said}");
}

#[test]
fn what_is_left_of_a_larger_version_is_named() {
    let mut old = parts("cars", 700_000);
    old.splice(..2, parts("cars", 300_000));
    let said = plugin(old).unwrap_err();
    assert!(
        said.contains("cars-3: it is of another version") && said.contains("delete what is left of others"),
        "{said}"
    );
}

#[test]
fn annotations_are_read_with_care() {
    for part in ["", "0/1", "2/1", "1", "1/", "a/b", "-1/1", "1/1/1", "1000/1000", "99999999999999999999/1"] {
        let said = problem(parts("cars", 100), |parts| annotate(&mut parts[0], PART, part));
        assert!(
            said.contains(&format!("annotation sluice.dev/part is {part:?}; write which it is of how many")),
            "{said}"
        );
    }
    let said = problem(parts("cars", 100), |parts| annotate(&mut parts[0], SHA256, "12"));
    assert!(said.contains("annotation sluice.dev/sha256 is \"12\""), "{said}");
    let named =
        |name: &str| problem(parts("cars", 100), |parts| drop(parts[0].labels.insert(PLUGIN.into(), name.into())));
    for name in ["", "A", "a.b", "a_b"] {
        assert!(named(name).contains("named by the label sluice.dev/plugin, and this is no name"));
    }
}

#[test]
fn one_bad_set_hides_no_other() {
    let mut bad = parts("bad", 100);
    bad[0].binary_data.clear();
    let all = assemble(&[parts("good", 100), bad, parts("best", 100)].concat());
    let all: Vec<_> = all.iter().map(|(name, found)| (name.as_str(), found.is_ok())).collect();
    assert_eq!(all, [("bad", false), ("best", true), ("good", true)]);
}

#[test]
fn what_comes_from_a_virtual_cluster_is_no_plugin() {
    for (label, key) in [(true, markers::MANAGED_BY), (false, markers::OBJECT_NAME), (false, markers::SYNCER)] {
        let mut copies = parts("cars", 100);
        let keys = if label { &mut copies[0].labels } else { &mut copies[0].annotations };
        keys.insert(key.into(), "x".into());
        assert_eq!(assemble(&copies).len(), 0);
        // Nor does it make a set of the operator's a mixed one.
        copies[0].name = "other".into();
        plugin([parts("cars", 200), copies].concat()).unwrap();
    }
}

/// A frame of one block that repeats a byte: some bytes of it are a gigabyte.
fn bomb(bytes: u64) -> Vec<u8> {
    const BLOCK: u64 = 128 << 10;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    for at in 0..bytes / BLOCK {
        let last = u64::from((at + 1) * BLOCK >= bytes);
        let header = last | (1 << 1) | (BLOCK << 3);
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

#[test]
fn a_bomb_ends() {
    let packed = |bytes: Vec<u8>| {
        problem(parts("cars", 100), |parts| parts[0].binary_data = [(PACKED.to_owned(), bytes)].into())
    };
    let said = packed(bomb(1 << 30));
    assert!(said.contains("it holds more than 64 MiB"), "{said}");
    // It is taken for what it is, if it is just small enough.
    assert!(packed(bomb(MAX_BYTES)).contains("its content is sha256"));
    // A window of 2 GiB is not even made.
    let said = packed(vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00]);
    assert!(said.contains("is not what zstd packs: ") && said.contains("indow"), "{said}");
    for broken in [vec![], b"nothing".to_vec(), bomb(1 << 20)[..20].to_vec(), [bomb(1 << 20), vec![0]].concat()] {
        let said = packed(broken);
        assert!(said.contains("is not what zstd packs: "), "{said}");
    }
}

#[test]
fn what_is_no_component_is_not_packed() {
    assert_eq!(pack("A", "", &component(9)).unwrap_err(), NotPacked::Name("A".into()));
    assert_eq!(pack("a", "", b"\0asm\x01\0\0\0").unwrap_err(), NotPacked::NoComponent);
    let large = component(8).repeat(MAX_BYTES as usize / 8 + 1);
    assert_eq!(pack("a", "", &large).unwrap_err(), NotPacked::TooLarge);
    let said = problem(parts("cars", 100), |parts| {
        parts[0].binary_data = [(PLAIN.to_owned(), b"\0asm\x01\0\0\0".to_vec())].into();
        parts[0].annotations.clear();
    });
    assert!(said.contains("it does not begin as a component does"), "{said}");
}

/// Two versions of one plugin, and their parts: four each.
static VERSIONS: LazyLock<[(Vec<u8>, Vec<Part>); 2]> =
    LazyLock::new(|| [600_000, 650_000].map(|bytes| (component(bytes), parts("cars", bytes))));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Parts in any order, some of them lost, doubled or of another version, are one of the versions or nothing.
    #[test]
    fn a_set_is_whole_or_nothing(picks in prop::collection::vec((prop::bool::weighted(0.9), 0..4usize), 0..6)) {
        let pick = |(at, (which, index)): (usize, &(bool, usize))| {
            let part = VERSIONS[usize::from(*which)].1.get(*index).cloned();
            part.map(|part| Part { name: at.to_string(), ..part })
        };
        let whole = |which: bool| {
            let mut of: Vec<_> = picks.iter().filter(|pick| pick.0 == which).map(|pick| pick.1).collect();
            of.sort_unstable();
            of == [0, 1, 2, 3] && picks.len() == 4
        };
        let found: Vec<_> = assemble(&picks.iter().enumerate().filter_map(pick).collect::<Vec<_>>());
        let found = found.into_iter().find_map(|(_, found)| found.ok()).map(|found| found.bytes);
        let wanted = [false, true].into_iter().find(|which| whole(*which));
        prop_assert_eq!(found, wanted.map(|which| VERSIONS[usize::from(which)].0.clone()));
    }
}
