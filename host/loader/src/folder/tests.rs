use tempfile::TempDir;

use super::*;

fn folder(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        fs::write(folder.path().join(file), file.as_bytes()).unwrap();
    }
    folder
}

fn problem(folder: &Path) -> String {
    open_folder(folder).unwrap_err().to_string()
}

#[test]
fn components_are_read_in_order_and_named_after_their_files() {
    let folder = folder(&["import_secrets.wasm", "README.md", "a.wasm", ".hidden.wasm"]);
    fs::create_dir(folder.path().join("sub.wasm")).unwrap();
    let found = open_folder(folder.path()).unwrap();
    let names: Vec<_> = found.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(names, ["a", "import-secrets"]);
    assert_eq!(found[0].bytes, b"a.wasm");
    assert_eq!(found[0].origin, folder.path().join("a.wasm").display().to_string());
    assert_eq!(found[0].digest, "4aaa3cac371d4739177d57676756d70b802431338eae7726bc1ddf35536188b6");
}

#[cfg(unix)]
#[test]
fn a_mounted_config_map_is_a_folder() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let version = folder.path().join("..2026_01_01");
    fs::create_dir(&version).unwrap();
    fs::write(version.join("a.wasm"), "a").unwrap();
    symlink("..2026_01_01", folder.path().join("..data")).unwrap();
    symlink("..data/a.wasm", folder.path().join("a.wasm")).unwrap();
    assert_eq!(open_folder(folder.path()).unwrap()[0].bytes, b"a");

    symlink("nowhere", folder.path().join("b.wasm")).unwrap();
    let problem = problem(folder.path());
    assert!(problem.contains("b.wasm: cannot be read"), "{problem}");
}

#[test]
fn what_is_no_folder_of_plugins_says_why() {
    let missing = Path::new("/nowhere/plugins");
    assert!(problem(missing).starts_with("plugin folder /nowhere/plugins: it does not exist"));

    let files = folder(&["a.txt", "b.txt", "c.txt", "d.txt", "e.txt", "f.txt"]);
    assert!(problem(&files.path().join("a.txt")).contains("it is not a folder"));
    assert!(problem(files.path()).contains("in it, but a.txt, b.txt, c.txt, d.txt, e.txt, …;"));
    assert!(problem(folder(&[]).path()).contains(": it is empty; build"));
}

#[test]
fn names_are_dns_labels() {
    for bad in ["A.wasm", "a.b.wasm", "-a.wasm", "a_.wasm", "ä.wasm", &format!("{}.wasm", "a".repeat(64))] {
        let problem = problem(folder(&[bad]).path());
        assert!(problem.contains(&format!("{bad}: a plugin is named after its file")), "{problem}");
    }
    assert!(open_folder(folder(&[&format!("{}.wasm", "a".repeat(63))]).path()).is_ok());
}

#[test]
fn two_files_of_one_name_are_refused() {
    let problem = problem(folder(&["a_b.wasm", "a-b.wasm"]).path());
    assert!(problem.contains("a-b.wasm and ") && problem.contains("both are the plugin `a-b`"), "{problem}");
}

#[test]
fn one_bad_file_hides_no_other() {
    let folder = folder(&["a.wasm", "B.wasm", "c_d.wasm", "c-d.wasm", "e.wasm"]);
    let seen = look(folder.path()).unwrap();
    let seen: Vec<_> = seen.iter().map(|(name, found)| (name.as_str(), found.is_ok())).collect();
    assert_eq!(seen, [("B", false), ("a", true), ("c-d", false), ("e", true)]);
    assert!(look(Path::new("/nowhere/plugins")).is_err());
}

#[test]
fn what_is_looked_at_again_may_be_empty() {
    let folder = folder(&["README.md"]);
    assert_eq!(look(folder.path()).unwrap().len(), 0);
    assert_eq!(Stamp::of(folder.path()).unwrap(), Stamp::default());
}

#[cfg(unix)]
#[test]
fn every_change_of_a_component_shows_from_outside() {
    use std::os::unix::fs::symlink;
    let folder = folder(&["a.wasm", "b.txt"]);
    let path = |name| folder.path().join(name);
    let steps: [(&str, &dyn Fn()); 6] = [
        ("longer", &|| fs::write(path("a.wasm"), "longer").unwrap()),
        ("as long, written at the same time", &|| {
            let written = fs::metadata(path("a.wasm")).unwrap().modified().unwrap();
            fs::write(path("new"), "LONGER").unwrap();
            File::options().write(true).open(path("new")).unwrap().set_modified(written).unwrap();
            fs::rename(path("new"), path("a.wasm")).unwrap();
        }),
        ("one more", &|| fs::write(path("b.wasm"), "b").unwrap()),
        ("one less", &|| fs::remove_file(path("b.wasm")).unwrap()),
        ("a link", &|| symlink("b.txt", path("c.wasm")).unwrap()),
        ("what the link leads to", &|| fs::write(path("b.txt"), "other").unwrap()),
    ];
    let mut stamp = Stamp::of(folder.path()).unwrap();
    for (step, change) in steps {
        assert_eq!(Stamp::of(folder.path()).unwrap(), stamp, "before: {step}");
        change();
        assert_ne!(Stamp::of(folder.path()).unwrap(), stamp, "{step}");
        stamp = Stamp::of(folder.path()).unwrap();
    }
}

#[test]
fn a_file_past_the_limit_is_refused() {
    let folder = folder(&["a.wasm"]);
    File::create(folder.path().join("a.wasm")).unwrap().set_len(MAX_BYTES + 1).unwrap();
    assert!(problem(folder.path()).contains("a.wasm: larger than 64 MiB"));
}
