//! Every mistake is reported once, at the tokens that are wrong, with what to write instead; what is none is not.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

macro_rules! mistakes {
    ($($name:ident: $source:literal => $([$underlined:literal, $message:literal])*)*) => {$(
        #[test]
        fn $name() {
            check($source, &[$(($underlined, $message)),*]);
        }
    )*};
}

mistakes! {
    asynchronous: "async fn k(_w: usize, _i: usize, v: &f64) {}"
        => ["async", "remove `async`"]
    not_safe: "unsafe fn k(_w: usize, _i: usize, v: &f64) {}"
        => ["unsafe", "remove `unsafe`"]
    foreign: "extern \"C\" fn k(_w: usize, _i: usize, v: &f64) {}"
        => ["extern \"C\"", "remove `extern`"]
    variadic: "fn k(_w: usize, _i: usize, v: &f64, ...) {}"
        => ["...", "remove `...`"]
    method: "fn k(&self, _w: usize, _i: usize, v: &f64) {}"
        => ["&self", "as a `#[param]`"]
    not_a_function: "struct K { a: u8 }"
        => ["struct", "stands before a function"]
    without_body: "fn k(_w: usize, _i: usize, v: &f64);"
        => [";", "needs a body"]
    target_feature: "#[target_feature(enable = \"avx2\")] fn k(_w: usize, _i: usize, v: &f64) {}"
        => ["#[target_feature(enable = \"avx2\")]", "on a function that the kernel calls"]
    kernel_twice: "#[pasha::kernel] fn k(_w: usize, _i: usize, v: &f64) {}"
        => ["#[pasha::kernel]", "is a kernel already"]
    impl_trait: "fn k(_w: usize, _i: usize, v: &impl Copy) -> impl Copy {}"
        => ["impl Copy", "write a type parameter"] ["impl Copy", "write the type itself"]

    nothing: "fn k() {}"
        => [")", "the worker id is missing"]
    only_a_worker_id: "fn k(_w: usize) {}"
        => [")", "the index is missing"]
    no_item: "fn k(_w: usize, _i: usize, #[out] o: &mut f64) {}"
        => ["_i: usize", "no parameter takes the item"]
    no_index: "fn k(_w: usize, v: &f64, #[out] o: &mut f64) {}"
        => ["&f64", "write `index: usize`, and the item after it"]
    no_index_but_an_output: "fn k(_w: usize, #[out] o: &mut f64) {}"
        => ["o", "insert `index: usize`"]
    wrong_worker_id: "fn k(_w: u32, _i: usize, v: &f64) {}"
        => ["u32", "write `worker_id: usize`"]

    forgotten_out: "fn k(_w: usize, _i: usize, v: &f64, o: &mut f64) {}"
        => ["&mut f64", "did you forget `#[out]`"]
    forgotten_out_of_view: "fn k(_w: usize, _i: usize, v: &f64, o: Option<ArrayViewMut1<'_, f64>>) {}"
        => ["Option<ArrayViewMut1<'_, f64>>", "did you forget `#[out]`"]
    forgotten_among_others: "fn k(_w: usize, _i: usize, mut s: &mut Vec<f64>, v: &f64, #[out] o: &mut f64, (a, b): &mut (u8, u8)) {}"
        => ["&mut Vec<f64>", "`#[scratch]`"] ["&mut (u8, u8)", "`(a, b): (A, &mut B)`"]
    item_to_write_to: "fn k(_w: usize, _i: usize, v: &mut f64, #[out] o: &mut f64) {}"
        =>
    items_to_write_to: "fn k(_w: usize, _i: usize, (id, v): (u64, &mut [f64]), #[out] o: &mut f64) {}"
        =>

    output_by_value: "fn k(_w: usize, _i: usize, v: &f64, #[out] o: f64) {}"
        => ["f64", "write `&mut f64`"]
    output_of_any_type: "fn k<T>(_w: usize, _i: usize, v: &f64, #[out] o: T) {}"
        => ["T", "write `&mut T`"]
    output_behind_shared_reference: "fn k(_w: usize, _i: usize, v: &f64, #[out] o: Option<&f64>) {}"
        => ["&", "write `&mut`"]
    output_of_shared_view: "fn k(_w: usize, _i: usize, v: &f64, #[per_worker] o: ArrayView1<'_, f64>) {}"
        => ["ArrayView1<'_, f64>", "write `ArrayViewMut1<'_, …>`"]
    output_of_view_behind_reference: "fn k(_w: usize, _i: usize, v: &f64, #[out] o: &mut ArrayViewMut1<'_, f64>) {}"
        => ["ArrayViewMut1<'_, f64>", "without `&mut`"]
    output_kept: "fn k(_w: usize, _i: usize, v: &f64, #[out] o: &'static mut f64) {}"
        => ["'static", "leave the lifetime out"]
    view_kept: "fn k(_w: usize, _i: usize, v: &f64, #[out] o: Option<ArrayViewMut1<'static, f64>>) {}"
        => ["'static", "leave the lifetime out"]
    output_without_lifetime: "fn k(_w: usize, _i: usize, v: &f64, #[reduce(sum)] o: ArrayViewMut1<f64>) {}"
        => ["ArrayViewMut1<f64>", "`ArrayViewMut1<'_, …>`"]
    item_without_lifetime: "fn k(_w: usize, _i: usize, v: ArrayView1<f64>) {}"
        => ["ArrayView1<f64>", "`ArrayView1<'_, …>`"]
    output_of_references: "fn k(_w: usize, _i: usize, v: &f64, #[out] o: &mut &'static str, #[out] p: ArrayViewMut1<'_, A<'_>>) {}"
        => ["&'static str", "borrows nothing"] ["A<'_>", "borrows nothing"]
    output_without_name: "fn k(_w: usize, _i: usize, v: &f64, #[out] (a, b): &mut (f64, f64)) {}"
        => ["(a, b)", "give it a name"]
    axis_of_element: "fn k(_w: usize, _i: usize, v: &f64, #[out(axis = 1)] o: &mut f64) {}"
        => ["1", "has one axis: write `axis = 0`, or take a row"]
    axis_of_row: "fn k(_w: usize, _i: usize, v: &f64, #[out(axis = 2)] o: &mut [f64]) {}"
        => ["2", "has 2 axes: write one from 0 to 1"]
    axis_of_view: "fn k(_w: usize, _i: usize, v: &f64, #[out(axis = 4)] o: ArrayViewMut<'_, f64, Ix3>) {}"
        => ["4", "has 4 axes: write one from 0 to 3"]
    axis_of_ranges: "fn k(_w: usize, _i: usize, v: &f64, #[out(axis = 1, ranges)] o: &mut [f64]) {}"
        => ["1", "`array.ranges_along(Axis(1), &offsets)?`"]
    axis_that_is_no_number: "fn k(_w: usize, _i: usize, v: &f64, #[out(axis = Axis(1))] o: &mut [f64]) {}"
        => ["Axis(1)", "`axis = 1`"]
    axis_without_value: "fn k(_w: usize, _i: usize, v: &f64, #[out(axis)] o: &mut [f64]) {}"
        => ["axis", "`axis = 1`"]
    axis_twice: "fn k(_w: usize, _i: usize, v: &f64, #[out(axis = 0, axis = 1)] o: &mut [f64]) {}"
        => ["axis", "given twice: remove one"]
    ranges_with_value: "fn k(_w: usize, _i: usize, v: &f64, #[out(ranges = true)] o: &mut [f64]) {}"
        => ["true", "write the word alone"]
    unknown_option: "fn k(_w: usize, _i: usize, v: &f64, #[out(axes = 1)] o: &mut [f64]) {}"
        => ["axes", "`axis = 1` and `ranges`"]
    option_of_none: "fn k(_w: usize, _i: usize, v: &f64, #[per_worker(axis = 1)] o: &mut [f64]) {}"
        => ["axis", "`#[per_worker]` has no options"]
    option_after_equals: "fn k(_w: usize, _i: usize, v: &f64, #[out = 1] o: &mut [f64]) {}"
        => ["out = 1", "`#[out(axis = 1)]`"]
    reduce_after_equals: "fn k(_w: usize, _i: usize, v: &f64, #[reduce = sum] o: &mut f64) {}"
        => ["reduce = sum", "`#[reduce(sum)]`"]
    value_of_none: "fn k(_w: usize, _i: usize, v: &f64, #[param = 1] p: f64) {}"
        => ["param = 1", "`#[param]` has no options"]
    unknown_attribute: "fn k(_w: usize, _i: usize, v: &f64, #[output] o: &mut f64) {}"
        => ["output", "`#[out]`, `#[per_worker]`"]
    two_attributes: "fn k(_w: usize, _i: usize, v: &f64, #[out] #[param] o: &mut f64) {}"
        => ["#[param]", "one role"]
    conditional_parameter: "fn k(_w: usize, _i: usize, #[cfg(unix)] v: &f64) {}"
        => ["#[cfg(unix)]", "write two kernels"]

    reduce_without_fold: "fn k(_w: usize, _i: usize, v: &f64, #[reduce] o: &mut f64) {}"
        => ["#[reduce]", "`#[reduce(sum)]`"]
    reduce_twice: "fn k(_w: usize, _i: usize, v: &f64, #[reduce(sum, max)] o: &mut f64) {}"
        => ["max", "one way"]
    reduce_with_and_sum: "fn k(_w: usize, _i: usize, v: &f64, #[reduce(sum, with = f)] o: &mut f64) {}"
        => ["with", "one way"]
    reduce_with_closure: "fn k(_w: usize, _i: usize, v: &f64, #[reduce(with = |a, b| ())] o: &mut f64) {}"
        => ["|a, b| ()", "the path of a function"]
    identity_alone: "fn k(_w: usize, _i: usize, v: &f64, #[reduce(sum, identity = 1)] o: &mut f64) {}"
        => ["identity", "belongs to `with"]

    scratch_by_value: "fn k(_w: usize, _i: usize, v: &f64, #[scratch] s: Vec<f64>) {}"
        => ["Vec<f64>", "write `&mut S`"]
    scratch_kept: "fn k(_w: usize, _i: usize, v: &f64, #[scratch] s: &'static mut Vec<&'static str>) {}"
        => ["'static", "leave the lifetime out"]
    scratch_without_size: "fn k(_w: usize, _i: usize, v: &f64, #[scratch] s: &mut [f64]) {}"
        => ["[f64]", "write `&mut Vec<T>`"]
    param_to_write_to: "fn k(_w: usize, _i: usize, v: &f64, #[param] p: &mut f64) {}"
        => ["mut", "write `&T`"]
    param_that_owns: "fn k(_w: usize, _i: usize, v: &f64, #[param] p: Vec<f64>) {}"
        => ["Vec<f64>", "take a reference"]

    unused_generics: "fn k<T: Copy, const N: usize>(_w: usize, _i: usize, v: &f64) {}"
        => ["T", "remove it"] ["N", "remove it"]
    borrowed_result: "fn k(_w: usize, _i: usize, v: &f64) -> &f64 {}"
        => ["&", "nothing borrowed"]
    borrowed_error: "fn k<'a>(_w: usize, _i: usize, v: &'a str) -> Result<(), &'a str> {}"
        => ["'a", "nothing borrowed"]

    of_union: "#[derive(Functor)] union U { a: u8 }"
        => ["union", "write an enum"]
    of_empty_enum: "#[derive(Functor)] enum E {}"
        => ["E", "give it variants"]
    of_unit_struct: "#[derive(Functor)] struct S;"
        => ["S", "no field has items"]
    of_skipped_fields: "#[derive(Functor)] struct S { #[functor(skip)] a: Vec<u8>, #[functor(broadcast)] b: u8 }"
        => ["S", "no field has items"]
    single_value: "#[derive(Functor)] struct S { a: Vec<u8>, b: f64 }"
        => ["f64", "`#[functor(broadcast)]`"]
    array_without_axes: "#[derive(Functor)] struct S { a: Vec<u8>, #[functor(axis = 0)] b: ndarray::Array0<f64> }"
        => ["ndarray::Array0<f64>", "`#[functor(broadcast)]`"]
    unit_variant: "#[derive(Functor)] enum E { A(Vec<u8>), B }"
        => ["B", "holds no functor"]
    two_functors_in_variant: "#[derive(Functor)] enum E { A(Vec<u8>, Vec<u16>) }"
        => ["Vec<u16>", "`#[functor(skip)]`"]
    broadcast_in_variant: "#[derive(Functor)] enum E { A(Vec<u8>, #[functor(broadcast)] u16) }"
        => ["broadcast", "write `skip`"]
    option_on_variant: "#[derive(Functor)] enum E { #[functor(axis = 1)] A(Vec<u8>) }"
        => ["#[functor(axis = 1)]", "before its field"]
    axis_of_skipped: "#[derive(Functor)] struct S { a: Vec<u8>, #[functor(axis = 1, skip)] b: Vec<u8> }"
        => ["1", "remove `axis` or `skip`"]
    axis_of_broadcast: "#[derive(Functor)] struct S { a: Vec<u8>, #[functor(axis = 1, broadcast)] b: Vec<u8> }"
        => ["1", "remove `axis` or `broadcast`"]
    broadcast_of_skipped: "#[derive(Functor)] struct S { a: Vec<u8>, #[functor(skip, broadcast)] b: Vec<u8> }"
        => ["broadcast", "remove `broadcast` or `skip`"]
    skip_twice: "#[derive(Functor)] struct S { a: Vec<u8>, #[functor(skip)] #[functor(skip)] b: u8 }"
        => ["skip", "given twice"]
    unknown_option_of_field: "#[derive(Functor)] struct S { #[functor(along = 1)] a: Vec<u8> }"
        => ["along", "`axis = 1`, `skip` and `broadcast`"]
    unknown_option_of_type: "#[derive(Functor)] #[functor(name = S)] struct S { a: Vec<u8> }"
        => ["name", "`item = Name` and `crate = path`"]
    option_of_field_on_type: "#[derive(Functor)] #[functor(skip)] struct S { a: Vec<u8> }"
        => ["skip", "said of a field"]
    quoted_item: "#[derive(Functor)] #[functor(item = \"Item\")] struct S { a: Vec<u8> }"
        => ["\"Item\"", "without quotes"]
    item_of_newtype: "#[derive(Functor)] #[functor(item = Item)] struct S(Vec<u8>);"
        => ["Item", "remove `item`"]
    item_of_enum: "#[derive(Functor)] #[functor(item = Item)] enum E { A(Vec<u8>) }"
        => ["Item", "remove `item`"]
}

#[test]
fn unknown_option_of_kernel() {
    let item = "fn k(_w: usize, _i: usize, v: &f64) {}";
    let expansion = |options: &str| crate::kernel::expand(parse(options), parse(item));
    assert_reported(expansion("krate = pasha"), &[("krate", "`crate = path`")]);
    assert_reported(expansion("crate"), &[("crate", "`crate = ::pasha`")]);
    assert_reported(expansion("crate = \"pasha\""), &[("\"pasha\"", "without quotes")]);
    assert_reported(expansion("crate = a, crate = b"), &[("crate", "given twice")]);
}

fn check(source: &str, expected: &[(&str, &str)]) {
    let expansion = if source.starts_with("#[derive") {
        crate::functor::expand(parse(source.trim_start_matches("#[derive(Functor)]")))
    } else {
        crate::kernel::expand(TokenStream::new(), parse(source))
    };
    assert_reported(expansion, expected);
}

fn assert_reported(expansion: TokenStream, expected: &[(&str, &str)]) {
    let found = reported(expansion);
    let same = |((underlined, message), (expected_underlined, part)): (&(String, String), &(&str, &str))| {
        underlined == expected_underlined && message.contains(part)
    };
    let all = found.len() == expected.len() && found.iter().zip(expected).all(same);
    assert!(all, "expected {expected:#?}, found {found:#?}");
}

fn parse(source: &str) -> TokenStream {
    source.parse().expect("the source has tokens")
}

/// What each `::core::compile_error! { "…" }` underlines and says.
fn reported(expansion: TokenStream) -> Vec<(String, String)> {
    let tokens: Vec<_> = expansion.into_iter().collect();
    let starts = tokens.iter().enumerate().filter(|(_, token)| is_ident(token, "compile_error"));
    let errors = starts.filter_map(|(position, start)| match &tokens[position + 2] {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            let span = start.span().join(group.span()).unwrap_or(start.span());
            let underlined = span.source_text().unwrap_or_default();
            Some((underlined, group.stream().to_string()))
        }
        _ => None,
    });
    errors.collect()
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}
