//! Walks the registries of formats and encoders, and shows with the example of each what their one line brings.

use crate::assets::Assets;
use crate::config::AccessConfig;
use crate::data::{ArrayData, Data};
use crate::encoders::{self, ARRAY, Context, Subject};
use crate::formats::{self, Format};
use crate::registration::register;
use crate::tree::Tree;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tile_base::path::NodePath;
use tile_base::{Kind, Selection};
use tile_meta::Catalog;

const PICTURE: &[u8] = b"P5\n3 2\n255\n\x00\x01\x02\x0a\x0b\x0c";

/// The catalog and tree of a folder.
fn served(folder: &Path, state: &Path) -> Tree {
    let config = Arc::new(AccessConfig::default());
    let catalog = Arc::new(Catalog::open(&state.join("catalog.db")).unwrap());
    register(&catalog, &config, &[folder.to_owned()], &|_, _| {}).unwrap();
    Tree::new(catalog, config)
}

fn array_at(tree: &Tree, key: &str) -> ArrayData {
    let node = tree.find(&NodePath(vec![key.to_owned()])).unwrap();
    let Data::Array(data) = tree.open(&node).unwrap().data.clone() else { panic!("`{key}` is no array") };
    data
}

fn source_file(kind: &str, name: &str) -> bool {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(kind);
    folder.join(format!("{name}.rs")).is_file() || folder.join(name).join("mod.rs").is_file()
}

#[test]
fn a_new_format_is_one_file_and_one_line() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("one.pgm"), PICTURE).unwrap();
    std::fs::write(folder.path().join("other.csv"), PICTURE).unwrap();
    std::fs::write(folder.path().join("cut.pgm"), &PICTURE[..12]).unwrap();
    let tree = served(folder.path(), state.path());
    for key in ["one", "other"] {
        let data = array_at(&tree, key);
        assert_eq!(data.structure.shape, [2, 3], "{key}: found by its name or by its mark");
        let bytes = crate::reading::array::read(&data, &Selection::full(&[2, 3]), &tree.cache).unwrap();
        assert_eq!(bytes.as_ref(), b"\x00\x01\x02\x0a\x0b\x0c");
    }
    let cut = tree.find(&NodePath(vec!["cut".into()])).unwrap();
    assert!(cut.has_spec("damaged"));
    assert_eq!(cut.metadata_json().unwrap()["problem"], json!("the file ends before its last row"));
    assert!(formats::reference().contains("| graymap | `.pgm` |"));
}

#[test]
fn a_new_encoder_is_one_file_and_one_line() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("one.pgm"), PICTURE).unwrap();
    let tree = served(folder.path(), state.path());
    let by_ending = encoders::choose(&[ARRAY], Some("pgm"), "*/*").unwrap();
    let by_accept = encoders::choose(&[ARRAY], None, "image/x-portable-graymap").unwrap();
    assert_eq!(by_ending.encoder.name(), by_accept.encoder.name());
    let subject = || Subject::Array { data: array_at(&tree, "one"), selection: Selection::full(&[2, 3]) };
    by_ending.encoder.accepts(&subject()).unwrap();
    let context =
        Context { tree: &tree, cache: &tree.cache, media_type: &by_ending.media_type, bytes_max: u64::MAX };
    let mut out = Vec::new();
    by_ending.encoder.encode(subject(), &context, &mut out).unwrap();
    assert_eq!(out, PICTURE);
    assert!(encoders::formats_of(ARRAY).iter().any(|(media, _)| *media == "image/x-portable-graymap"));
}

#[test]
fn formats_are_named_and_told_apart() {
    let (mut names, mut suffixes) = (HashSet::new(), HashSet::new());
    for format in formats::ALL {
        let name = format.name();
        assert!(names.insert(name), "two formats are `{name}`");
        assert!(source_file("formats", name), "`{name}` is not the name of its file");
        assert!(!format.about().is_empty() && format.mimetype().contains('/'), "{name}");
        for suffix in format.suffixes() {
            assert!(suffix.starts_with('.') && suffix.to_lowercase() == **suffix, "{name}: `{suffix}`");
            assert!(suffixes.insert(*suffix), "{name}: `{suffix}` is another format's");
        }
        assert!(!format.has_mark() || !format.sniff(b"a,b\n1,2\n"), "{name} takes text for its mark");
        assert!(!format.sniff(b""), "{name} takes nothing for its mark");
        let found = formats::by_name(name).unwrap();
        assert_eq!(found.name(), name);
    }
    let error = formats::by_name("nothing").err().unwrap();
    assert_eq!(error.kind, Kind::NotFound);
}

/// What no file of a format is: nothing, noise, its own mark and then noise, a folder, or not there.
fn hostile(format: &dyn Format, folder: &Path) -> Vec<PathBuf> {
    let noise: Vec<u8> = (0..4096u32).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    let marks: [&[u8]; 10] = [
        b"PAR1",
        b"ARROW1\0\0",
        b"PK\x03\x04",
        b"\x89HDF\r\n\x1a\n",
        b"CDF\x01",
        b"II*\0",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"\x93NUMPY\x01\0",
        b"P5\n",
    ];
    let mut contents = vec![vec![], b"x".to_vec(), vec![0; 4096], noise.clone()];
    contents.extend(marks.iter().map(|mark| mark.to_vec()));
    contents.extend(marks.iter().map(|mark| [mark, noise.as_slice()].concat()));
    let suffix = format.suffixes().first().copied().unwrap_or("");
    let mut paths = vec![folder.join("missing")];
    for (i, content) in contents.iter().enumerate() {
        paths.push(folder.join(format!("file{i}x{suffix}")));
        std::fs::write(paths.last().unwrap(), content).unwrap();
    }
    paths
}

#[test]
fn no_format_breaks_on_hostile_files() {
    for format in formats::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut inputs: Vec<Assets> =
            hostile(*format, folder.path()).iter().map(|path| Assets::file(path)).collect();
        inputs.push(Assets::directory(folder.path()));
        inputs.push(Assets { paths: vec![], is_directory: false });
        for assets in &inputs {
            for options in [Value::Null, json!({"nonsense": 1}), json!([])] {
                let Err(error) = format.open(assets, &options) else { continue };
                let told =
                    !error.detail().is_empty() && (error.kind != Kind::Internal || assets.paths.is_empty());
                assert!(told, "{}, {:?}, {options}: {error:?}", format.name(), assets.paths);
                let shown = error.detail();
                let hidden = folder.path().to_string_lossy();
                assert!(!shown.contains(&*hidden), "{}: the message tells a path: {shown}", format.name());
            }
        }
    }
}

#[test]
fn encoders_are_named_and_can_be_asked_for() {
    let mut names = HashSet::new();
    for encoder in encoders::ALL {
        let name = encoder.name();
        assert!(names.insert(name), "two encoders are `{name}`");
        assert!(source_file("encoders", name), "`{name}` is not the name of its file");
        assert!(!encoder.targets().is_empty() && !encoder.media_types().is_empty(), "{name}");
        for target in encoder.targets() {
            for media in encoder.media_types() {
                let chosen = encoders::choose(&[*target], None, media).unwrap();
                assert_eq!(chosen.encoder.name(), name, "`{media}` of {}", target.name());
            }
            for ending in encoder.endings() {
                let chosen = encoders::choose(&[*target], Some(ending), "*/*").unwrap();
                assert_eq!(chosen.encoder.name(), name, "`{ending}` of {}", target.name());
            }
        }
    }
    let error = encoders::choose(&[ARRAY], Some("nothing"), "*/*").unwrap_err();
    assert_eq!(error.kind, Kind::NotAcceptable);
}
