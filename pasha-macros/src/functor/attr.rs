//! What `#[functor(…)]` says: of the whole type, and of a field.

use syn::{Attribute, Ident, Path};

use crate::errors::Errors;
use crate::options::{self, Axis, Setting};

/// The options on the struct or enum.
#[derive(Default)]
pub(crate) struct ContainerOptions {
    pub(crate) item: Option<Ident>,
    pub(crate) krate: Option<Path>,
}

/// The options on a field.
#[derive(Default)]
pub(crate) struct FieldOptions {
    pub(crate) axis: Option<Axis>,
    pub(crate) skip: Option<Ident>,
    pub(crate) broadcast: Option<Ident>,
}

impl ContainerOptions {
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = ContainerOptions::default();
        for setting in settings(attrs, "item = Name", errors) {
            match setting.name.to_string().as_str() {
                "item" => {
                    let name = setting.ident("ShotItem", errors);
                    setting.once(&mut options.item, name, errors);
                }
                "crate" => {
                    let path = setting.path("::pasha", errors);
                    setting.once(&mut options.krate, path, errors);
                }
                "axis" | "skip" | "broadcast" => {
                    errors.at(&setting.name, format!("`{}` is said of a field: write it there", setting.name))
                }
                name => errors
                    .at(&setting.name, format!("unknown option `{name}`: a type has `item = Name` and `crate = path`")),
            }
        }
        options
    }
}

impl FieldOptions {
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = FieldOptions::default();
        for setting in settings(attrs, "axis = 1", errors) {
            match setting.name.to_string().as_str() {
                "axis" => {
                    let axis = setting.axis(errors);
                    setting.once(&mut options.axis, axis, errors);
                }
                "skip" => {
                    let skip = setting.flag(errors);
                    setting.once(&mut options.skip, skip, errors);
                }
                "broadcast" => {
                    let broadcast = setting.flag(errors);
                    setting.once(&mut options.broadcast, broadcast, errors);
                }
                "item" | "crate" => {
                    errors.at(&setting.name, format!("`{}` is said of the whole type: write it there", setting.name))
                }
                name => errors.at(
                    &setting.name,
                    format!("unknown option `{name}`: a field has `axis = 1`, `skip` and `broadcast`"),
                ),
            }
        }
        options
    }
}

/// Reports options where there can be none.
pub(crate) fn reject_on_variant(attrs: &[Attribute], errors: &mut Errors) {
    for attr in functor_attrs(attrs) {
        errors.at(attr, "a variant has no options: write them before its field");
    }
}

fn settings(attrs: &[Attribute], example: &str, errors: &mut Errors) -> Vec<Setting> {
    functor_attrs(attrs).flat_map(|attr| options::of_attribute(attr, example, errors)).collect()
}

fn functor_attrs(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("functor"))
}
