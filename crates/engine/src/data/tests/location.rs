//! Paths of data: what a spec may name, and what it may not.

use std::path::Path;

use super::super::resolve;

/// A tree with a spec's folder two below `specs`, data beside it, and a secret outside.
fn tree() -> tempfile::TempDir {
    let tree = tempfile::tempdir().expect("a folder");
    for folder in ["specs/paper/deep", "specs/data", "specs/.hidden", "private", "loose"] {
        std::fs::create_dir_all(tree.path().join(folder)).expect("made");
    }
    for file in ["specs/data/d.csv", "specs/paper/own.csv", "specs/.hidden/d.csv", "private/secret.csv", "loose/d.csv"]
    {
        std::fs::write(tree.path().join(file), file).expect("written");
    }
    tree
}

/// What the file holds that a path leads to, or why it is refused.
fn reached(folder: &Path, path: &str) -> Result<String, String> {
    let target = resolve(folder, path).map_err(|error| error.to_string())?;
    Ok(std::fs::read_to_string(target).expect("readable"))
}

#[test]
fn data_below_the_folder_of_specs_are_found() {
    let tree = tree();
    let paper = tree.path().join("specs/paper");
    for (folder, path, file) in [
        (paper.clone(), "../data/d.csv", "specs/data/d.csv"),
        (paper.clone(), "own.csv", "specs/paper/own.csv"),
        (paper.clone(), "./own.csv", "specs/paper/own.csv"),
        (paper.clone(), "deep/../../data//d.csv", "specs/data/d.csv"),
        (paper.join("deep"), "../../data/d.csv", "specs/data/d.csv"),
        (paper.join("../paper"), "../data/d.csv", "specs/data/d.csv"),
        (tree.path().join("specs"), "data/d.csv", "specs/data/d.csv"),
        (tree.path().join("loose"), "d.csv", "loose/d.csv"),
    ] {
        assert_eq!(reached(&folder, path).as_deref(), Ok(file), "{path} from {folder:?}");
    }
}

#[test]
fn nothing_else_is_reached() {
    let tree = tree();
    let (paper, loose) = (tree.path().join("specs/paper"), tree.path().join("loose"));
    let secret = tree.path().join("private/secret.csv").display().to_string();
    for (folder, path, message) in [
        (&paper, "../../private/secret.csv", "leads out of"),
        (&paper, "../../specs/data/d.csv", "leads out of"),
        (&paper, "../../../../../../../../etc/hostname", "leads out of"),
        (&loose, "../private/secret.csv", "leads out of"),
        (&paper, &secret, "is not a path from the folder of the spec"),
        (&paper, "~/secret.csv", "is not a path from the folder of the spec"),
        (&paper, "C:/secret.csv", "is not a path from the folder of the spec"),
        (&paper, "..\\data\\d.csv", "is not a path from the folder of the spec"),
        (&paper, "file:///etc/hostname", "is not a path from the folder of the spec"),
        (&paper, "d.csv\0", "is not a path from the folder of the spec"),
        (&paper, "", "is not a path from the folder of the spec"),
        (&paper, "../.hidden/d.csv", "which is hidden"),
        (&paper, "../data/none.csv", "cannot find `../data/none.csv` from"),
    ] {
        let refusal = reached(folder, path).expect_err(path);
        assert!(refusal.contains(message), "{path}: {refusal}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_within_the_folder_only() {
    let tree = tree();
    let data = tree.path().join("specs/data");
    std::os::unix::fs::symlink(data.join("d.csv"), data.join("inside.csv")).expect("linked");
    std::os::unix::fs::symlink(tree.path().join("private"), data.join("outside")).expect("linked");
    let paper = tree.path().join("specs/paper");
    assert_eq!(reached(&paper, "../data/inside.csv").as_deref(), Ok("specs/data/d.csv"));
    let refusal = reached(&paper, "../data/outside/secret.csv").expect_err("a link");
    assert!(refusal.contains("by a symbolic link: copy the file instead"), "{refusal}");
}
