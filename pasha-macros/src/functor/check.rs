//! The rules of what can be a functor made of functors.

use syn::Data;

use super::model::{Body, Field, Part, Shape, Source, Variant};
use crate::errors::Errors;

/// Reports everything in the type that the derive cannot make a functor of.
pub(crate) fn check(source: &Source<'_>, errors: &mut Errors) {
    check_body(source, errors);
    check_item_name(source, errors);
    for field in source.fields() {
        check_options(field, errors);
    }
}

fn check_body(source: &Source<'_>, errors: &mut Errors) {
    match &source.body {
        Body::Union => {
            if let Data::Union(data) = &source.original.data {
                errors.at(data.union_token, "a union does not know which of its fields is there: write an enum");
            }
        }
        Body::Struct(fields) => {
            let instead = "mark the field `#[functor(broadcast)]` to have it with every item, or `#[functor(skip)]`";
            let singles = fields.iter().filter(|field| check_single(field, instead, errors)).count();
            if let (Shape::Mistaken, 0) = (source.shape(), singles) {
                errors
                    .at(source.name(), "no field has items: at least one is a functor, without `skip` and `broadcast`");
            }
        }
        Body::Enum(variants) if variants.is_empty() => {
            errors.at(source.name(), "an enum without variants has no items: give it variants that hold a functor")
        }
        Body::Enum(variants) => {
            for variant in variants {
                check_variant(variant, errors);
            }
        }
    }
}

fn check_variant(variant: &Variant<'_>, errors: &mut Errors) {
    for field in &variant.fields {
        if let Some(broadcast) = &field.options.broadcast {
            errors.at(
                broadcast,
                "the item of an enum is the item of its functor alone: write `skip`, \
                 or make the variant hold a struct that derives `Functor`",
            );
        }
    }
    let instead = "mark the field `#[functor(skip)]`";
    let singles = variant.fields.iter().filter(|field| check_single(field, instead, errors)).count();
    let mut functors = variant.fields.iter().filter(|f| f.part().is_indexed());
    if functors.next().is_none() && singles == 0 {
        errors.at(&variant.original.ident, "this variant holds no functor: each holds one, such as an empty `Vec`");
    }
    for second in functors {
        errors.at(
            second.ty(),
            "a variant holds one functor: mark this field `#[functor(skip)]`, \
             or make the variant hold a struct that derives `Functor`",
        );
    }
}

fn check_item_name(source: &Source<'_>, errors: &mut Errors) {
    let Some(item) = &source.options.item else {
        return;
    };
    match source.shape() {
        Shape::Zipped(_) | Shape::Mistaken => {}
        Shape::Transparent(_) => {
            errors.at(item, "the item of a newtype is that of its field, which has its name: remove `item`")
        }
        Shape::Choice(_) => {
            errors.at(item, "the item of an enum is that of its functors, which has its name: remove `item`")
        }
    }
}

fn check_options(field: &Field<'_>, errors: &mut Errors) {
    let options = &field.options;
    if let (Some(_), Some(broadcast)) = (&options.skip, &options.broadcast) {
        errors.at(broadcast, "a skipped field is not in the item: remove `broadcast` or `skip`");
    }
    let Some(axis) = &options.axis else { return };
    if options.skip.is_some() {
        errors.at(&axis.original, "a skipped field is not in the item: remove `axis` or `skip`");
    } else if options.broadcast.is_some() {
        errors.at(&axis.original, "a broadcast field is in the item as a whole: remove `axis` or `broadcast`");
    }
}

/// Types that are plainly no functors get a word of ours; the compiler knows the others.
fn check_single(field: &Field<'_>, instead: &str, errors: &mut Errors) -> bool {
    let is_single = matches!(field.part(), Part::Single);
    if is_single {
        errors.at(field.ty(), format!("this is one value, there is none for each item: {instead}"));
    }
    is_single
}
