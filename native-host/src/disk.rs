//! How many bytes there are, as people write it.

/// Reads a number of bytes as a person writes it: `500 MB`, `20 GB`, `1.5 TB`, in thousands, not 1024s, as they are shown; a
/// number alone is bytes.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let thousands = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "kb" => 1,
        "mb" => 2,
        "gb" => 3,
        "tb" => 4,
        _ => return Err("is no number of bytes, such as 500 MB or 20 GB".to_owned()),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = 3 * thousands;
    if part.len() > digits || whole.is_empty() {
        return Err("is no whole number of bytes".to_owned());
    }
    let bytes = format!("{whole}{part:0<digits$}");
    bytes
        .parse()
        .map_err(|_| "is more than any disk has".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("1234", Some(1234)),
            ("500 MB", Some(500_000_000)),
            ("20GB", Some(20_000_000_000)),
            ("1.5 tb", Some(1_500_000_000_000)),
            (" 2 kB ", Some(2000)),
            ("1.2345 kB", None),
            ("1.5", None),
            (".5 GB", None),
            ("1..5 GB", None),
            ("-1 GB", None),
            ("GB", None),
            ("", None),
            ("20 GiB", None),
            ("20 cats", None),
            ("99999999999 TB", None),
        ] {
            assert_eq!(parse_size(text).ok(), bytes, "{text:?}");
        }
    }
}
