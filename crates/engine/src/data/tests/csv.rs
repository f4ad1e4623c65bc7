//! CSV: every table survives being written, and every mistake is found at its line.

use sampling::{Purpose, Stream, StreamKey};

use super::super::csv::parse;
use super::refusal;

#[test]
fn mistakes_are_found_at_their_line() {
    let cases: [(&str, &str); 18] = [
        ("", "f holds no samples: at least one is needed"),
        ("x,y\n1,2\n", "f has no column `label` of labels: name it by the key `label`; the columns are `x`, `y`"),
        (
            "x,Labels\n1,2\n",
            "f has no column `label` of labels: name it by the key `label`; the columns are `x`, `Labels`; did you mean \
             `Labels`?",
        ),
        (
            "x;label\n1;2\n",
            "f has no column `label` of labels: name it by the key `label`; the columns are `x;label`; did you mean \
             `x;label`?",
        ),
        ("label,x,label\n0,1,0\n", "f has two columns `label`, so it is not clear which holds the labels: rename one"),
        ("label\n0\n", "f has no column besides the labels `label`: every other column is a feature"),
        ("x,label\n1,0\n1,0,0\n", "f: line 3 has 3 fields, but the first line names 2 columns"),
        ("x,label\n1,0\n1\n1,0\n", "f: line 3 has 1 fields, but the first line names 2 columns"),
        ("x,label\n1,0\n\n\n1\n", "f: line 5 has 1 fields, but the first line names 2 columns"),
        ("x,label\n1,0\n\n,0\n", "f: line 4, column `x`: a value is missing: fill it in, or drop the row"),
        ("x,label\n1,0\none,0\n", "f: line 3, column `x`: `one` is not a number"),
        ("\u{feff}x,label\r\n1,0\r\n\r\n1,0\r\n2\r\n", "f: line 5 has 1 fields, but the first line names 2 columns"),
        ("x,label\r\n\"1,5\",0\r\n", "f: line 2, column `x`: `1,5` is not a number"),
        ("x,label\nNaN,0\n", "f: line 2, column `x`: NaN is not a finite number: mend it, or drop the row"),
        ("x,label\n1,0\n-1e999,0\n", "f: line 3, column `x`: -inf is not a finite number: mend it, or drop the row"),
        ("x,label\n1,-1\n", "f: line 2, column `label`: the label is -1: labels are whole numbers 0, 1, 2, …"),
        ("x,label\n1,0.5\n", "f: line 2, column `label`: the label is 0.5: labels are whole numbers 0, 1, 2, …"),
        (
            "x,label\n1,4294967296\n",
            "f: line 2, column `label`: the label is 4294967296: labels are whole numbers 0, 1, 2, …",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(refusal(parse("f", text.as_bytes(), "label")), message, "{text:?}");
    }
    assert_eq!(
        refusal(parse("f", b"x,label\n1,0\n\xff,0\n", "label")),
        "f: line 3 is not UTF-8 text: save the file in the encoding UTF-8"
    );
    assert_eq!(
        refusal(parse("f", b"x,\xff\n1,0\n", "label")),
        "f: line 1 is not UTF-8 text: save the file in the encoding UTF-8"
    );
}

#[test]
fn a_table_of_names_alone_has_no_samples() {
    let samples = parse("f", b"x,label\n", "label").expect("a table");
    assert_eq!(refusal(samples.labelled(1.0, String::new())), "f holds no samples: at least one is needed");
}

#[test]
fn usual_ways_of_writing_a_table_are_read_alike() {
    let expected = parse("f", b"x,y,digit\n1,-2.5,0\n0.001,4,3\n", "digit").expect("plain");
    assert_eq!(
        (expected.features.as_slice(), expected.labels.as_slice()),
        ([1.0, -2.5, 0.001, 4.0].as_slice(), [0, 3].as_slice())
    );
    let texts = [
        "x,y,digit\r\n1,-2.5,0\r\n0.001,4,3\r\n",
        "x, y, digit\n 1, -2.5, 0\n 1e-3, 4, 3",
        "\u{feff}x,y,digit\n1,-2.5,0.0\n.1e-2,+4.,3.0\n",
        "\"x\",\"y\",\"digit\"\n\"1\",\"-2.5\",\"0\"\n\n\"0.001\",\"4\",\"3\"\n\n",
        "digit,x,y\n0,1,-2.5\n3,0.001,4\n",
        "x,digit,y\n1,-0,-2.5\n1E-3,3,4e0\n",
    ];
    for text in texts {
        assert_eq!(parse("f", text.as_bytes(), "digit").expect(text), expected, "{text:?}");
    }
}

#[test]
fn random_tables_survive_being_written() {
    let mut stream = Stream::new(StreamKey { seed: 1, cell: "tables", block: 0, purpose: Purpose::Problem });
    for _ in 0..300 {
        let mut words = [0; 128];
        stream.fill_words(&mut words);
        let [a, b, c] = [words[0], words[1], words[2]].map(|word| (word >> 32) as usize);
        let (count, dimension) = (1 + a % 9, 1 + b % 6);
        let at = c % (dimension + 1);
        // Any bits that make a finite number, from subnormal to near overflow.
        let finite = |word: &u64| Some(f64::from_bits(*word)).filter(|feature| feature.is_finite()).unwrap_or(-0.1);
        let features: Vec<f64> = words[3..].iter().take(count * dimension).map(finite).collect();
        let labels: Vec<u32> = words[64..].iter().take(count).map(|word| (word >> 32) as u32).collect();
        let line = |mut fields: Vec<String>, label: String| {
            fields.insert(at, label);
            fields.join(",") + "\n"
        };
        let mut text = line((0..dimension).map(|j| format!("x{j}")).collect(), "label".to_owned());
        for (row, label) in features.chunks(dimension).zip(&labels) {
            text += &line(row.iter().map(|x| format!("{x:e}")).collect(), label.to_string());
        }
        let samples = parse("f", text.as_bytes(), "label").expect("a table");
        assert_eq!((samples.features, samples.labels, samples.dimension), (features, labels, dimension));
    }
}

#[test]
fn no_damage_makes_it_panic_or_lose_a_row() {
    let text = b"x,y,label\n1,2,0\n\"3\",4,1\n5,6,0\n";
    let whole = parse("f", text, "label").expect("whole");
    for position in 0..text.len() {
        for bit in 0..8 {
            let mut damaged = text.to_vec();
            damaged[position] ^= 1 << bit;
            if let Ok(samples) = parse("f", &damaged, "label") {
                assert_eq!(samples.features.len(), 2 * samples.labels.len());
                let lines = damaged.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty()).count();
                assert_eq!(samples.labels.len(), lines - 1, "{:?}", String::from_utf8_lossy(&damaged));
            }
        }
        if let Ok(samples) = parse("f", &text[..position], "label") {
            assert!(whole.features.starts_with(&samples.features) && whole.labels.starts_with(&samples.labels));
        }
    }
}
