//! Files of labelled data: what is read is whole and finite, and what is not is refused by name.

use std::path::Path;

use engine::data::{DataError, Labelled, read};
use engine::spec::raw::RawNetworkData;
use serde_json::{Value as Json, json};

/// Bytes are read as the table or the images that they are, or refused with the name of a file.
///
/// The first byte tells the format: `c`, `p`, or `i`, after which the second says how many of the last bytes are the labels.
pub fn data(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).expect("writable");
    let spec = match kind {
        b'c' | b'p' => {
            write("table", rest);
            json!({ if *kind == b'c' { "csv" } else { "parquet" }: { "path": "table" } })
        }
        b'i' => {
            let Some((labels, rest)) = rest.split_first() else { return };
            let (images, labels) = rest.split_at(rest.len().saturating_sub(usize::from(*labels)));
            write("images", images);
            write("labels", labels);
            json!({ "idx": { "images": "images", "labels": "labels" } })
        }
        _ => return,
    };
    match labelled(&spec, folder.path()) {
        Ok(labelled) => {
            assert_eq!(labelled.features.len(), labelled.count * labelled.dimension);
            assert_eq!(labelled.labels.len(), labelled.count);
            assert!(labelled.count > 0 && labelled.dimension > 0);
            assert!(labelled.features.iter().all(|feature| feature.is_finite()));
            assert!(
                labelled.classes.is_sorted() && labelled.labels.iter().all(|label| labelled.classes.contains(label))
            );
            write("printed", printed(&labelled).as_bytes());
            let again = self::labelled(&json!({ "csv": { "path": "printed" } }), folder.path()).expect("readable");
            assert_eq!((&again.features, &again.labels), (&labelled.features, &labelled.labels));
        }
        Err(error) => assert!(error.to_string().contains(&*folder.path().to_string_lossy()), "{error}"),
    }
}

fn labelled(spec: &Json, folder: &Path) -> Result<Labelled, DataError> {
    let raw: RawNetworkData = serde_json::from_value(spec.clone()).expect("a file of data");
    read(&raw, folder)
}

/// The same as CSV, with every digit.
fn printed(labelled: &Labelled) -> String {
    let names: String = (0..labelled.dimension).map(|i| format!("x{i},")).collect();
    let rows = labelled.features.chunks(labelled.dimension).zip(&labelled.labels);
    let row = |(features, label): (&[f64], &u32)| {
        features.iter().map(|feature| format!("{feature:?},")).chain([format!("{label}\n")]).collect::<String>()
    };
    format!("{names}label\n{}", rows.map(row).collect::<String>())
}
