//! The clock, and times as text.

use super::arguments::Arguments;
use super::definition::{Outcome, function};
use super::options::Options;
use super::system::plain_reason;
use crate::script::fault::Fault;
use crate::script::registry::{Context, Native};
use crate::value::Value;
use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use std::time::SystemTime;

pub(super) const NATIVES: &[Native] = &[
    function("now", &[], "Seconds since 1970, with fractions.", "now() > 1700000000.0  // true", now),
    function(
        "format_time",
        &["time", "format"],
        "A time in seconds since 1970 as text, in UTC: `%Y-%m-%d %H:%M:%S`, `%F`, `%T`, `%a`, `%b`, `%j`, `%3f` … Throws `Time`.",
        "format_time(0, \"%F %T\")  // \"1970-01-01 00:00:00\"",
        format,
    ),
    function(
        "format_time",
        &["time", "format", "options"],
        "The same in another `zone`: `\"Europe/Berlin\"`, `\"+02:00\"`, or `\"local\"`.",
        "format_time(0, \"%F %R %z\", #{zone: \"+02:00\"})  // \"1970-01-01 02:00 +0200\"",
        format,
    ),
    function(
        "parse_time",
        &["text", "format"],
        "Seconds since 1970 of a time written like that; in UTC where the text names no zone (`%z`). Throws `Time`.",
        "parse_time(\"10/Oct/2000:13:55:36 -0700\", \"%d/%b/%Y:%H:%M:%S %z\")  // 971211336.0",
        parse,
    ),
    function(
        "parse_time",
        &["text", "format", "options"],
        "The same, where the text names no zone in this `zone`.",
        "parse_time(\"1970-01-01 02:00\", \"%F %R\", #{zone: \"+02:00\"})  // 0.0",
        parse,
    ),
];

fn error(message: String) -> Fault {
    Fault::error("Time", message)
}

/// Without the names of the functions of others.
fn reason(problem: &jiff::Error) -> String {
    let text = problem.to_string();
    let heads = ["strftime formatting failed: ", "strptime parsing failed: "];
    plain_reason(heads.iter().find_map(|head| text.strip_prefix(head)).unwrap_or(&text))
}

fn now(_: &mut Context<'_>, _: &mut [Value]) -> Outcome {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Ok(Value::Float(since.map_or(0.0, |since| since.as_secs_f64())))
}

fn format(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("format_time", values);
    let zone = zone("format_time", arguments.take(2))?;
    let (time, format) = (arguments.number(0, "time")?, arguments.string(1, "format")?);
    // Nanoseconds below the microsecond are noise of the float.
    let at = Timestamp::from_nanosecond(((time * 1e6).round() as i128).saturating_mul(1000));
    let at = at
        .ok()
        .filter(|_| time.is_finite())
        .ok_or_else(|| error(format!("no calendar has the time {time}")))?;
    let text = strtime::format(format, &at.to_zoned_datetime(zone));
    text.map(Value::string)
        .map_err(|problem| error(format!("`{format}` is no format of a time: {}", reason(&problem))))
}

fn parse(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut arguments = Arguments::new("parse_time", values);
    let zone = zone("parse_time", arguments.take(2))?;
    let (text, format) = (arguments.string(0, "text")?, arguments.string(1, "format")?);
    let parsed = strtime::parse(format, text).and_then(|time| match (time.offset(), time.timestamp()) {
        (None, None) if time.iana_time_zone().is_none() => {
            let date = time.to_date()?;
            // A date alone is its midnight.
            let clock = time.to_time().unwrap_or_default();
            Ok(date.to_datetime(clock).to_zoned_datetime(zone)?.timestamp())
        }
        _ => Ok(time.to_zoned_datetime()?.timestamp()),
    });
    let at = parsed
        .map_err(|problem| error(format!("`{text}` is no time like `{format}`: {}", reason(&problem))))?;
    Ok(Value::Float(at.as_second() as f64 + f64::from(at.subsec_nanosecond()) / 1e9))
}

fn zone(function: &'static str, options: Value) -> Result<TimeZone, Fault> {
    let Some(name) = Options::new(function, options, &["zone"])?.string("zone")? else {
        return Ok(TimeZone::UTC);
    };
    let zone = match name.as_str() {
        "local" => TimeZone::try_system().ok(),
        "UTC" => Some(TimeZone::UTC),
        name if name.starts_with(['+', '-']) => offset(name),
        name => TimeZone::get(name).ok(),
    };
    zone.ok_or_else(|| error(format!("this system knows no time zone `{name}`")))
}

/// `+02:00`.
fn offset(text: &str) -> Option<TimeZone> {
    let time = strtime::parse("%:z", text).ok()?;
    time.offset().map(TimeZone::fixed)
}
