//! A unit of systemd for one user: the daemon runs from the first login on.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{browsers::Bases, remove_if_there};

const UNIT: &str = "catnest-host.service";

/// Where the unit is, and the link that has it started at login.
fn paths(bases: &Bases) -> (PathBuf, PathBuf) {
    let folder = bases.config.join("systemd/user");
    let link = folder.join("default.target.wants").join(UNIT);
    (folder.join(UNIT), link)
}

/// Writes the unit, and has it started at the next login; says where it is.
pub(super) fn install(bases: &Bases, program: &Path) -> io::Result<PathBuf> {
    let (unit, link) = paths(bases);
    super::write(&unit, &text(program))?;
    if let Some(folder) = link.parent() {
        fs::create_dir_all(folder)?;
    }
    remove_if_there(&link)?;
    // What `systemctl --user enable` does; it would want to speak to a systemd that need not run now.
    #[cfg(unix)]
    std::os::unix::fs::symlink(&unit, &link)?;
    Ok(unit)
}

/// Removes both; says whether there was anything.
pub(super) fn uninstall(bases: &Bases) -> io::Result<bool> {
    let (unit, link) = paths(bases);
    let linked = remove_if_there(&link)?;
    Ok(remove_if_there(&unit)? || linked)
}

/// What is wrong with the unit, if there is one.
pub(super) fn fault(bases: &Bases, program: &Path) -> Option<String> {
    let (unit, _) = paths(bases);
    let of = unit.display();
    let text = match fs::read_to_string(&unit) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => return Some(format!("{of} cannot be read: {error}")),
        Ok(text) => text,
    };
    let another = !starts(&text, &program.to_string_lossy());
    another.then(|| format!("{of} starts another program than this one"))
}

/// Whether a unit starts a program, with whatever arguments.
fn starts(unit: &str, program: &str) -> bool {
    let mut commands = unit.lines().filter_map(|line| {
        let (key, command) = line.split_once('=')?;
        // What may stand before a path (systemd.service(5), "Command lines").
        let prefixes = ['-', '@', ':', '+', '!', '|'];
        (key.trim() == "ExecStart").then(|| command.trim().trim_start_matches(prefixes))
    });
    let names = [quote(program), program.to_owned()];
    commands.any(|command| {
        let mut rests = names
            .iter()
            .filter_map(|name| command.strip_prefix(&name[..]));
        rests.any(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

fn text(program: &Path) -> String {
    format!(
        "[Unit]\n\
         Description=Catnest: stays in its nests\n\
         \n\
         [Service]\n\
         ExecStart={} daemon\n\
         Restart=on-failure\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n",
        quote(&program.to_string_lossy())
    )
}

/// A path as one word of a command line (systemd.service(5), systemd.syntax(7)).
fn quote(path: &str) -> String {
    let mut quoted = String::from('"');
    for character in path.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '%' | '$' => quoted.extend([character, character]),
            '\n' => quoted.push_str("\\n"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_looks_like_this() {
        insta::assert_snapshot!("unit", text(Path::new("/users/ann/bin/catnest-host")));
    }

    #[test]
    fn a_unit_starts_the_program_that_it_names() {
        let program = "/bin/catnest-host";
        for (line, expected) in [
            ("ExecStart=\"/bin/catnest-host\" daemon", true),
            ("ExecStart=/bin/catnest-host --log debug daemon", true),
            ("  ExecStart = -/bin/catnest-host", true),
            ("# ExecStart=/bin/catnest-host daemon", false),
            ("ExecStart=/bin/catnest-hostile daemon", false),
            ("ExecStart=/usr/bin/catnest-host daemon", false),
            ("", false),
        ] {
            let unit = format!("[Service]\n{line}\n");
            assert_eq!(starts(&unit, program), expected, "{line}");
        }
    }

    #[test]
    fn a_path_is_one_word_whatever_is_in_it() {
        for (path, quoted) in [
            ("/a b", r#""/a b""#),
            (r#"/a"b\c"#, r#""/a\"b\\c""#),
            ("/100%/$HOME", r#""/100%%/$$HOME""#),
            ("/猫", r#""/猫""#),
        ] {
            assert_eq!(quote(path), quoted);
        }
    }
}
