//! `pictures png SCALE` and `pictures pdf`: an SVG from standard input as a picture on standard output. `cargo xtask figure`
//! starts it.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    match picture(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: cannot convert the figure: {reason}");
            ExitCode::from(2)
        }
    }
}

fn picture(arguments: &[String]) -> Result<(), String> {
    let mut svg = String::new();
    std::io::stdin().read_to_string(&mut svg).map_err(|error| error.to_string())?;
    let picture = match arguments {
        [format, scale] if format == "png" => {
            pictures::png(&svg, scale.parse().map_err(|_| format!("the scale {scale} is no number"))?)
        }
        [format] if format == "pdf" => pictures::pdf(&svg),
        _ => Err("the arguments are `png SCALE` or `pdf`".to_owned()),
    }?;
    std::io::stdout().write_all(&picture).map_err(|error| error.to_string())
}
