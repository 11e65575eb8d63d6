//! The type under the derive, as fields that take part in an item or do not.

use syn::{Attribute, Data, DeriveInput, Ident, Index, Member, Type};

use super::attr::{self, ContainerOptions, FieldOptions};
use crate::errors::Errors;
use crate::types;

pub(crate) struct Source<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) options: ContainerOptions,
    pub(crate) body: Body<'a>,
}

pub(crate) enum Body<'a> {
    Struct(Vec<Field<'a>>),
    Enum(Vec<Variant<'a>>),
    Union,
}

pub(crate) struct Variant<'a> {
    pub(crate) original: &'a syn::Variant,
    pub(crate) fields: Vec<Field<'a>>,
}

pub(crate) struct Field<'a> {
    pub(crate) original: &'a syn::Field,
    pub(crate) member: Member,
    pub(crate) options: FieldOptions,
}

/// What a field gives to an item.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// Its own item.
    Item,
    /// What is at the index of one of its axes.
    Along(usize),
    /// All of it.
    Whole,
    /// All of it, though nothing says so: the type is plainly no functor, which is reported.
    Single,
    Nothing,
}

/// How an item is made of the fields' parts.
pub(crate) enum Shape<'s, 'a> {
    /// The item of the only field, as it is.
    Transparent(&'s Field<'a>),
    /// A struct of the parts.
    Zipped(Vec<&'s Field<'a>>),
    /// The item of whichever variant there is.
    Choice(Vec<Choice<'s, 'a>>),
    /// There is no item to be had, which is reported.
    Mistaken,
}

/// A variant and the functor in it.
pub(crate) struct Choice<'s, 'a> {
    pub(crate) variant: &'s Variant<'a>,
    pub(crate) functor: &'s Field<'a>,
}

impl<'a> Source<'a> {
    pub(crate) fn read(original: &'a DeriveInput, errors: &mut Errors) -> Self {
        let options = ContainerOptions::parse(&original.attrs, errors);
        let body = match &original.data {
            Data::Struct(data) => Body::Struct(read_fields(&data.fields, errors)),
            Data::Enum(data) => Body::Enum(
                data.variants
                    .iter()
                    .map(|original| {
                        attr::reject_on_variant(&original.attrs, errors);
                        Variant { original, fields: read_fields(&original.fields, errors) }
                    })
                    .collect(),
            ),
            Data::Union(_) => Body::Union,
        };
        Source { original, options, body }
    }

    pub(crate) fn name(&self) -> &'a Ident {
        &self.original.ident
    }

    pub(crate) fn shape(&self) -> Shape<'_, 'a> {
        match &self.body {
            Body::Struct(fields) => shape_of_struct(fields),
            Body::Enum(variants) => {
                let choices = variants.iter().map(|variant| {
                    let functor = variant.functor()?;
                    Some(Choice { variant, functor })
                });
                match choices.collect::<Option<Vec<_>>>() {
                    Some(choices) if !choices.is_empty() => Shape::Choice(choices),
                    _ => Shape::Mistaken,
                }
            }
            Body::Union => Shape::Mistaken,
        }
    }

    /// All fields, whatever they give to an item.
    pub(crate) fn fields(&self) -> Vec<&Field<'a>> {
        match &self.body {
            Body::Struct(fields) => fields.iter().collect(),
            Body::Enum(variants) => variants.iter().flat_map(|v| &v.fields).collect(),
            Body::Union => Vec::new(),
        }
    }
}

impl<'a> Variant<'a> {
    /// The first field that has items.
    pub(crate) fn functor(&self) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.part().is_indexed())
    }
}

impl<'a> Field<'a> {
    pub(crate) fn ty(&self) -> &'a Type {
        &self.original.ty
    }

    pub(crate) fn docs(&self) -> impl Iterator<Item = &'a Attribute> {
        let attrs = self.original.attrs.iter();
        attrs.filter(|attr| attr.path().is_ident("doc"))
    }

    /// Whether the type is well known, and what its part needs.
    pub(crate) fn is_known(&self) -> bool {
        let ty = types::behind_references(self.ty());
        match self.part() {
            Part::Along(_) => is_known_array(ty),
            Part::Item => is_known_array(ty) || is_known_list(ty),
            Part::Whole | Part::Single | Part::Nothing => {
                is_known_array(ty) || is_known_list(ty) || types::is_primitive(ty) || is_one_of(ty, &TEXTS)
            }
        }
    }

    pub(crate) fn part(&self) -> Part {
        if self.options.skip.is_some() {
            Part::Nothing
        } else if self.options.broadcast.is_some() {
            Part::Whole
        } else if is_single(self.ty()) {
            Part::Single
        } else if let Some(axis) = &self.options.axis {
            Part::Along(axis.number)
        } else {
            Part::Item
        }
    }
}

impl Part {
    /// Whether the field has a part for each index, so that it counts the items.
    pub(crate) fn is_indexed(self) -> bool {
        matches!(self, Part::Item | Part::Along(_))
    }
}

fn shape_of_struct<'s, 'a>(fields: &'s [Field<'a>]) -> Shape<'s, 'a> {
    let parts = fields.iter().filter(|f| !matches!(f.part(), Part::Nothing));
    let parts: Vec<_> = parts.collect();
    match parts.as_slice() {
        [only] if matches!(only.member, Member::Unnamed(_)) && only.part().is_indexed() => Shape::Transparent(only),
        _ if parts.iter().any(|field| field.part().is_indexed()) => Shape::Zipped(parts),
        _ => Shape::Mistaken,
    }
}

fn read_fields<'a>(fields: &'a syn::Fields, errors: &mut Errors) -> Vec<Field<'a>> {
    fields
        .iter()
        .enumerate()
        .map(|(position, original)| Field {
            original,
            member: match &original.ident {
                Some(name) => name.clone().into(),
                None => Index::from(position).into(),
            },
            options: FieldOptions::parse(&original.attrs, errors),
        })
        .collect()
}

/// Whether the type is well known, and one value rather than many.
fn is_single(ty: &Type) -> bool {
    types::is_primitive(ty) || is_one_of(ty, &TEXTS) || is_one_of(ty, &["Option", "Array0", "ArrayView0"])
}

fn is_known_array(ty: &Type) -> bool {
    let is_dimension =
        |ty: &Type| is_one_of(ty, &["Ix1", "Ix2", "Ix3", "Ix4", "Ix5", "Ix6", "IxDyn"]) || types::is_number(ty);
    !is_single(ty)
        && types::last_segment(ty).is_some_and(|segment| {
            let is_array = segment.ident == "SharedArray" || segment.ident.to_string().starts_with("Array");
            let arguments = types::type_arguments(segment);
            is_array && !arguments.is_empty() && arguments.into_iter().all(is_dimension)
        })
}

fn is_known_list(ty: &Type) -> bool {
    match types::peel(ty) {
        Type::Array(array) => types::is_plain(&array.elem),
        Type::Slice(slice) => types::is_plain(&slice.elem),
        ty => types::last_segment(ty).is_some_and(|segment| {
            segment.ident == "Vec" && types::type_arguments(segment).into_iter().all(types::is_plain)
        }),
    }
}

fn is_one_of(ty: &Type, names: &[&str]) -> bool {
    types::last_segment(ty).is_some_and(|segment| names.iter().any(|name| segment.ident == name))
}

const TEXTS: [&str; 2] = ["PathBuf", "String"];
