//! What stands on what can be read, in both themes: the colours of `tokens.css` by WCAG 2.2, 1.4.3 and 1.4.11.

use std::collections::BTreeMap;

type Rgb = [u8; 3];

/// The tokens with opaque colours: on light, and on dark.
fn tokens() -> BTreeMap<&'static str, [Rgb; 2]> {
    let css = include_str!("../../static/tokens.css");
    let hex = |text: &str| -> Option<Rgb> {
        let digits = text.trim().strip_prefix('#')?;
        let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some([channel(0)?, channel(2)?, channel(4)?])
    };
    let colour = |line: &'static str| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(':')?;
        let value = value.trim().trim_end_matches(';');
        let both = match value.strip_prefix("light-dark(") {
            Some(pair) => {
                let (light, dark) = pair.trim_end_matches(')').split_once(',')?;
                [hex(light)?, hex(dark)?]
            }
            None => [hex(value)?; 2],
        };
        Some((name, both))
    };
    css.lines().filter_map(colour).collect()
}

/// Relative luminance.
fn luminance(colour: Rgb) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn words_and_controls_can_be_told_from_their_ground() {
    let grounds = ["sunken", "paper", "surface", "raised"];
    let mut pairs: Vec<(String, &str, f64)> = Vec::new();
    for ground in grounds {
        for words in [
            "ink",
            "ink-soft",
            "accent",
            "accent-strong",
            "good",
            "wait",
            "bad",
        ] {
            pairs.push((words.into(), ground, 4.5));
        }
        for hue in 0..8 {
            pairs.push((format!("hue-{hue}"), ground, 4.5));
        }
        pairs.push(("line-strong".into(), ground, 3.0));
    }
    for (words, ground) in [
        ("accent-ink", "accent"),
        ("accent-ink", "accent-strong"),
        ("accent", "accent-soft"),
        ("ink", "accent-soft"),
        ("ink-soft", "accent-soft"),
        ("ink", "mine"),
        ("ink", "flame-soft"),
        ("ink-soft", "flame-soft"),
        ("flame", "flame-soft"),
        ("ink", "mark"),
        ("ink-soft", "mine"),
        ("accent", "mine"),
        ("accent-strong", "mine"),
        ("ink", "glow"),
        ("ink-soft", "glow"),
        ("good", "good-soft"),
        ("wait", "wait-soft"),
        ("ink", "good-soft"),
        ("ink", "wait-soft"),
        ("bad", "bad-paper"),
        ("ink", "bad-paper"),
        ("bad-ink", "bad"),
        ("bad-ink", "bad-strong"),
        ("qr-ink", "qr-paper"),
    ] {
        pairs.push((words.into(), ground, 4.5));
    }
    let tokens = tokens();
    for hue in 0..8 {
        let (ground, ink) = (tokens[&*format!("hue-{hue}")], tokens["hue-ink"]);
        for theme in 0..2 {
            assert!(contrast(ground[theme], ink[theme]) >= 4.5, "hue-{hue}");
        }
    }
    let mut poor = Vec::new();
    for (words, ground, least) in pairs {
        let (on, under) = (tokens[&*words], tokens[ground]);
        for (theme, name) in ["light", "dark"].into_iter().enumerate() {
            let measured = contrast(on[theme], under[theme]);
            if measured < least {
                poor.push(format!(
                    "{name}: {words} on {ground} {measured:.2} < {least}"
                ));
            }
        }
    }
    assert!(poor.is_empty(), "{poor:#?}");
}
