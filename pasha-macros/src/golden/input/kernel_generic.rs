#[kernel]
fn generic<T: Element + Into<U>, U, const N: usize>(
    _worker_id: usize,
    _index: usize,
    row: &[T; N],
    other: &U,
    #[out] first: &mut T,
) -> Result<(), String>
where
    T: PartialOrd,
    U: Clone,
{
    Ok(())
}
