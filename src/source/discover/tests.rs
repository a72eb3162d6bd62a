//! The files found in a directory tree.

use super::*;

/// A directory for one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("reconstruct-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary directory");
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> &Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
        self
    }

    fn names(&self) -> Vec<String> {
        discover(&[Input::Path(self.0.clone())])
            .expect("files")
            .iter()
            .map(|file| match &file.found {
                Found::Readable(FileKind::Log) => file.name.clone(),
                Found::Readable(_)
                | Found::Empty
                | Found::Hidden
                | Found::Pruned(_)
                | Found::Unreadable { .. } => format!("{} {:?}", file.name, file.found),
            })
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_are_sorted_by_the_bytes_of_their_names() {
    let folder = Folder::new("sorted");
    folder
        .file("b/x", "1")
        .file("b-x", "1")
        .file("B", "1")
        .file("a/ü/y", "1");
    assert_eq!(folder.names(), ["B", "a/ü/y", "b-x", "b/x"]);
}

#[test]
fn hidden_and_empty_files_are_listed_and_not_read() {
    let folder = Folder::new("hidden");
    folder
        .file(".git/config", "1")
        .file("a/.x", "1")
        .file("e", "")
        .file("ok", "1");
    assert_eq!(
        folder.names(),
        [".git Hidden", "a/.x Hidden", "e Empty", "ok"]
    );
    let named = Input::Path(folder.0.join("a/.x"));
    let files = discover(&[named]).expect("the named file");
    assert_eq!(files[0].found, Found::Readable(FileKind::Log));
}

#[test]
fn what_is_not_there_is_an_error_only_when_named() {
    let folder = Folder::new("missing");
    let error = discover(&[Input::Path(folder.0.join("no"))]);
    assert!(matches!(error, Err(Error::NoSuchPath { .. })));
    let error = discover(&[Input::Path(folder.0.clone())]);
    assert!(matches!(error, Err(Error::NoLogFiles { .. })));
}

#[test]
fn files_of_one_name_are_shown_by_their_paths() {
    let folder = Folder::new("names");
    folder.file("a/x", "1").file("b/x", "2").file("b/y", "2");
    let inputs = ["a", "b"].map(|name| Input::Path(folder.0.join(name)));
    let names: Vec<String> = discover(&inputs)
        .expect("files")
        .into_iter()
        .map(|f| f.name)
        .collect();
    assert!(
        names[0].ends_with("/a/x") && names[1].ends_with("/b/x"),
        "{names:?}"
    );
    assert_eq!(names[2], "y");
}

#[cfg(unix)]
#[test]
fn links_lead_to_each_file_once_and_never_around() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new("links");
    let other = Folder::new("links-target");
    other.file("far", "1");
    folder.file("d/real", "1");
    for (target, link) in [
        (folder.0.clone(), "d/loop"),
        (folder.0.join("d/real"), "a-link"),
        (other.0.clone(), "out"),
        (folder.0.join("nowhere"), "broken"),
    ] {
        symlink(target, folder.0.join(link)).expect("a link");
    }
    fs::hard_link(folder.0.join("d/real"), folder.0.join("d/twice")).expect("a link");
    let names = folder.names();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names[0].starts_with("broken Unreadable"), "{names:?}");
    assert!(names[1].starts_with("d/"), "{names:?}");
    assert_eq!(names[2], "out/far");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_opened() {
    let folder = Folder::new("socket");
    let _socket = std::os::unix::net::UnixListener::bind(folder.0.join("s")).expect("a socket");
    let names = folder.names();
    assert!(names[0].contains("a socket"), "{names:?}");
}
