//! The Dockerfile, as far as can be seen without an engine that builds it: what linters look for, and that each path,
//! stage, package and file that it names is there. What its build stage runs is run by `cargo xtask image`.

use super::{read, root};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sluice_tests::folder::Folder;
use std::{fs, path::Path, process::Command};

/// Its instructions, each with what follows it. Lines that go on are one, and comments are left out.
fn instructions(file: &str) -> Result<Vec<(String, String)>> {
    let text: Vec<String> =
        read(file)?.lines().filter(|line| !line.trim_start().starts_with('#')).map(Into::into).collect();
    let text = text.join("\n").replace("\\\n", " ");
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = text.lines().map(words).filter(|line| !line.is_empty());
    let split = |line: String| line.split_once(' ').map(|(name, rest)| (name.to_owned(), rest.to_owned()));
    lines.map(|line| split(line.clone()).with_context(|| format!("{file}: {line}"))).collect()
}

fn all<'i>(instructions: &'i [(String, String)], name: &str) -> Vec<&'i str> {
    instructions.iter().filter(|(found, _)| found == name).map(|(_, rest)| rest.as_str()).collect()
}

const FILES: [&str; 2] = ["Dockerfile", "deploy/Dockerfile.example"];

#[test]
fn cli_dockerfile_stands_on_pinned_images() -> Result<()> {
    for file in FILES {
        let instructions = instructions(file)?;
        for from in all(&instructions, "FROM") {
            let mut words = from.split(' ').peekable();
            words.next_if_eq(&"--platform=$BUILDPLATFORM");
            let image = words.next().context("no image")?;
            let (name, tag) = image.split_once(':').with_context(|| format!("{file}: {image} has no tag"))?;
            ensure!(tag.split('.').count() >= 3, "{file}: {image} may be another one tomorrow");
            // The name of a registry has a dot or a port.
            ensure!(!name.split('/').next().is_some_and(|first| first.contains('.')), "{file}: {image}");
        }
        ensure!(all(&instructions, "ADD").is_empty(), "{file}: ADD fetches and unpacks; use COPY");
        for run in all(&instructions, "RUN") {
            ensure!(!run.contains("apk add") || run.contains("--no-cache"), "{file}: {run} keeps an index");
            ensure!(!run.contains("curl") && !run.contains("wget") && !run.contains("sudo"), "{file}: {run}");
        }
    }
    let builder = format!("rust:{}.", env!("CARGO_PKG_RUST_VERSION"));
    ensure!(read("Dockerfile")?.contains(&builder), "it builds with another Rust than {builder}");
    Ok(())
}

#[test]
fn cli_dockerfile_ends_without_root_and_with_what_vcluster_needs() -> Result<()> {
    let instructions = instructions("Dockerfile")?;
    let last = instructions.iter().rposition(|(name, _)| name == "FROM").context("no stage")?;
    let last = &instructions[last..];
    ensure!(last[0].1.starts_with("busybox:"), "vCluster calls `sh` and `cp` in it");
    let user = all(last, "USER").pop().context("no USER")?;
    let ids: Vec<u32> = user.split(':').map(str::parse).collect::<Result<_, _>>()?;
    ensure!(ids.len() == 2 && ids.iter().all(|id| *id > 0), "USER {user}");
    ensure!(all(last, "ENTRYPOINT") == [r#"["/plugin/plugin"]"#] && all(last, "CMD").is_empty());
    let run = all(&instructions, "RUN").join("\n");
    for made in ["mkdir -p /image/plugin/plugins", "/image/plugin/plugin &&"] {
        ensure!(run.contains(made), "{made} is not made");
    }
    ensure!(all(last, "COPY").contains(&"--from=build /image/ /"));
    // What it gives up its rights for is not given back.
    let example = self::instructions("deploy/Dockerfile.example")?;
    ensure!(all(&example, "USER").is_empty() && all(&example, "COPY") == ["--chmod=0644 *.wasm /plugin/plugins/"]);
    Ok(())
}

#[test]
fn cli_dockerfile_copies_from_stages_that_there_are() -> Result<()> {
    let mut stages = Vec::new();
    for (name, rest) in instructions("Dockerfile")? {
        match (name.as_str(), rest.split_once(" AS "), rest.strip_prefix("--from=")) {
            ("FROM", Some((_, stage)), _) => stages.push(stage.to_owned()),
            ("COPY", _, Some(from)) => {
                let (stage, paths) = from.split_once(' ').context("no path")?;
                ensure!(stages.iter().any(|known| known == stage), "COPY --from={stage}: {stages:?}");
                ensure!(paths.starts_with('/'), "COPY --from={from}");
            }
            ("COPY", _, None) => ensure!(rest == ". .", "COPY {rest}: say here what that is"),
            _ => {}
        }
    }
    Ok(())
}

/// Cargo knows the package, its binary and all dependencies for both platforms, with no more files than are sent to the
/// engine.
#[test]
fn cli_dockerfile_builds_a_package_that_cargo_knows() -> Result<()> {
    let instructions = instructions("Dockerfile")?;
    let build = all(&instructions, "RUN").into_iter().find(|run| run.contains("xx-cargo build")).context("no build")?;
    ensure!(build.contains("--release --locked --package sluice --target-dir /target"), "{build}");
    let sent = sent()?;
    let cargo = |args: &[&str]| -> Result<String> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        let output = cargo.args(args).args(["--locked", "--offline"]).current_dir(sent.path()).output()?;
        ensure!(output.status.success(), "cargo {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    };
    let metadata = cargo(&["metadata", "--format-version=1", "--no-deps"])?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let package = packages.iter().find(|package| package["name"] == "sluice").context("no package sluice")?;
    let mut targets = package["targets"].as_array().into_iter().flatten();
    let binary =
        targets.find(|target| target["name"] == "sluice" && target["kind"][0] == "bin").context("no binary")?;
    ensure!(Path::new(binary["src_path"].as_str().unwrap_or_default()).starts_with(sent.path().canonicalize()?));
    for platform in ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"] {
        let tree = cargo(&["tree", "--package", "sluice", "--target", platform, "--prefix", "none"])?;
        // Nothing that has to be there before it is built, or that is linked when it starts.
        for foreign in ["openssl-sys", "native-tls", "libgit2-sys", "pkg-config"] {
            ensure!(!tree.lines().any(|line| line.starts_with(&format!("{foreign} "))), "{foreign} on {platform}");
        }
    }
    Ok(())
}

/// What is sent to the engine: all that `.dockerignore` does not name.
fn sent() -> Result<Folder> {
    let ignored = read(".dockerignore")?;
    let ignored: Vec<&str> = ignored.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    for pattern in &ignored {
        ensure!(pattern.starts_with("**/*.") || !pattern.contains(['*', '/', '!']), "{pattern}: say here what that is");
    }
    let folder = Folder::new("sluice-context-")?;
    for entry in fs::read_dir(root())? {
        let entry = entry?;
        if !ignored.contains(&&*entry.file_name().to_string_lossy()) {
            copy(&entry.path(), &folder.path().join(entry.file_name()), &ignored)?;
        }
    }
    Ok(folder)
}

fn copy(from: &Path, to: &Path, ignored: &[&str]) -> Result<()> {
    let name = from.file_name().unwrap_or_default().to_string_lossy();
    let ends = |pattern: &&str| pattern.strip_prefix("**/*").is_some_and(|end| name.ends_with(end));
    // A fuzzer's or a test's leavings need not be copied.
    if from.is_dir() && name != "target" {
        fs::create_dir(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()), ignored)?;
        }
    } else if from.is_file() && !ignored.iter().any(ends) {
        fs::copy(from, to)?;
    }
    Ok(())
}
