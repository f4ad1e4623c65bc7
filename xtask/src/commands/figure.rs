//! `figure`: stored figures as files of another format.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use engine::picture::{self, PictureError};
use engine::spec::Outline;
use engine::store::StoreError;

use crate::args::{FigureArgs, PictureFormat};
use crate::exit::Exit;
use crate::output::{complain, print, refuse};

/// The package that makes PNG and PDF; it is built when it is first needed.
const CONVERTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../pictures/Cargo.toml");

pub(crate) fn figure(args: &FigureArgs) -> Exit {
    let outline = match Outline::load(&args.spec) {
        Ok(outline) => outline,
        Err(error) => return refuse(&error),
    };
    let names = match picture::names(&outline, args.figure.as_deref()) {
        Ok(names) => names,
        Err(error) => return failed(&error),
    };
    let ends = names.into_iter().map(|name| write(args, &outline, name).unwrap_or_else(|exit| exit));
    ends.max().unwrap_or(Exit::Success)
}

/// Writes one figure, or complains.
fn write(args: &FigureArgs, outline: &Outline, name: &str) -> Result<Exit, Exit> {
    let svg = picture::stored(outline, &args.out.join(outline.place()), name).map_err(|error| failed(&error))?;
    let content = match args.format {
        PictureFormat::Svg => svg.into_bytes(),
        PictureFormat::Png => converted(svg, &["png", &args.scale.to_string()])?,
        PictureFormat::Pdf => converted(svg, &["pdf"])?,
    };
    let path = args.to.join(format!("{}-{name}.{}", outline.name, args.format.ending()));
    picture::write(&path, &content).map_err(|error| failed(&error.into()))?;
    print(&path.display().to_string());
    Ok(Exit::Success)
}

/// The SVG in another format, by a program of its own: what it needs takes as long to build as a good part of all else.
fn converted(svg: String, arguments: &[&str]) -> Result<Vec<u8>, Exit> {
    let cannot_start = |error: std::io::Error| {
        complain(format!("error: cannot start cargo, which builds and runs {}: {error}", shown(CONVERTER).display()));
        Exit::Io
    };
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--quiet", "--locked", "--manifest-path", CONVERTER, "--"]).args(arguments);
    let mut child = cargo.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(cannot_start)?;
    // Written beside the reading: neither side may wait for the other. A program that ends early says why itself.
    let writer = child.stdin.take().map(|mut stdin| std::thread::spawn(move || stdin.write_all(svg.as_bytes())));
    let output = child.wait_with_output().map_err(cannot_start)?;
    let _ = writer.map(std::thread::JoinHandle::join);
    match output.status.code() {
        Some(0) => Ok(output.stdout),
        Some(2) => Err(Exit::Usage),
        _ => {
            complain(format!("error: {} cannot be built or run: see above", shown(CONVERTER).display()));
            Err(Exit::Io)
        }
    }
}

/// A path without its detours.
fn shown(path: &str) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| Path::new(path).to_owned())
}

fn failed(error: &PictureError) -> Exit {
    complain(format!("error: {error}"));
    match error {
        PictureError::Unknown { .. } => Exit::Usage,
        PictureError::Stale { .. } | PictureError::NotDrawn { .. } => Exit::Undecided,
        PictureError::Store(StoreError::Missing { .. }) => Exit::Undecided,
        _ => Exit::Io,
    }
}
