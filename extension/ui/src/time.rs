//! Times as people read them, by the browser's own rules for the language of the view and the time zone of the device.

use std::{cell::RefCell, collections::BTreeMap};

use catnest::time::Millis;
use catnest_words::Lang;
use wasm_bindgen::prelude::*;

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Style {
    Clock,
    Full,
    Short,
    Day,
    DayOfYear,
}

impl Style {
    /// Options of `Intl.DateTimeFormat`.
    fn options(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Style::Clock => &[
                ("hour", "2-digit"),
                ("minute", "2-digit"),
                ("hourCycle", "h23"),
            ],
            Style::Full => &[
                ("dateStyle", "full"),
                ("timeStyle", "medium"),
                ("hourCycle", "h23"),
            ],
            Style::Short => &[
                ("dateStyle", "short"),
                ("timeStyle", "short"),
                ("hourCycle", "h23"),
            ],
            Style::Day => &[("weekday", "long"), ("month", "long"), ("day", "numeric")],
            Style::DayOfYear => &[("year", "numeric"), ("month", "long"), ("day", "numeric")],
        }
    }
}

thread_local! {
    /// Making a format takes far longer than using it.
    static FORMATS: RefCell<BTreeMap<(&'static str, Style), js_sys::Function>> = RefCell::default();
}

fn date(time: Millis) -> js_sys::Date {
    js_sys::Date::new(&JsValue::from_f64(time.0 as f64))
}

fn write(time: Millis, lang: Lang, style: Style) -> String {
    let format = FORMATS.with_borrow_mut(|formats| {
        let made = formats.entry((lang.tag(), style)).or_insert_with(|| {
            let options = js_sys::Object::new();
            for (name, value) in style.options() {
                // An object of our own takes every member.
                let _set = js_sys::Reflect::set(&options, &(*name).into(), &(*value).into());
            }
            let locales = js_sys::Array::of1(&lang.tag().into());
            js_sys::Intl::DateTimeFormat::new(&locales, &options).format()
        });
        made.clone()
    });
    let written = format.call1(&JsValue::UNDEFINED, &date(time));
    // A time that no calendar has is shown as what it is.
    written
        .ok()
        .and_then(|written| written.as_string())
        .unwrap_or_else(|| time.0.to_string())
}

/// Hours and minutes.
pub(crate) fn clock(time: Millis, lang: Lang) -> String {
    write(time, lang, Style::Clock)
}

/// Day and time.
pub(crate) fn full(time: Millis, lang: Lang) -> String {
    write(time, lang, Style::Full)
}

/// Day and time, in few letters.
pub(crate) fn short(time: Millis, lang: Lang) -> String {
    write(time, lang, Style::Short)
}

/// The day, with its year unless it is this one.
pub(crate) fn day_name(time: Millis, lang: Lang) -> String {
    let this_year = js_sys::Date::new_0().get_full_year() == date(time).get_full_year();
    let style = if this_year {
        Style::Day
    } else {
        Style::DayOfYear
    };
    write(time, lang, style)
}

/// A day's number, by the time zone of the device.
pub(crate) fn day(time: Millis) -> i64 {
    let date = date(time);
    let local = date.get_time() - date.get_timezone_offset() * 60_000.0;
    (local / 86_400_000.0).floor() as i64
}

/// Today's number.
pub(crate) fn today() -> i64 {
    day(now())
}

/// When a day begins that a field names as `YYYY-MM-DD` (HTML, "valid date string"), by the time zone of the device;
/// `later` so many days after it. None of what is no day, or is before 1970.
pub(crate) fn day_begin(day: &str, later: i32) -> Option<Millis> {
    let mut parts = day.splitn(3, '-');
    let year: u32 = parts.next()?.parse().ok()?;
    let month: i32 = parts.next()?.parse().ok()?;
    let day: i32 = parts.next()?.parse().ok()?;
    // What is before that JavaScript would take for years of the last century.
    let year = Some(year).filter(|year| *year >= 1970)?;
    let begin = js_sys::Date::new_with_year_month_day(year, month - 1, day + later).get_time();
    (begin >= 0.0).then_some(Millis(begin as u64))
}

/// A time's day as a field has it: what [`day_begin`] takes.
pub(crate) fn day_of_field(time: Millis) -> String {
    let date = date(time);
    format!(
        "{:04}-{:02}-{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date()
    )
}

/// Now, by the clock of the device.
pub(crate) fn now() -> Millis {
    Millis(js_sys::Date::now() as u64)
}

/// For machines (HTML, "date and time state" of `time`).
pub(crate) fn machine(time: Millis) -> String {
    date(time).to_iso_string().into()
}
