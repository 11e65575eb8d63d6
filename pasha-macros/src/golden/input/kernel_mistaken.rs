#[kernel(krate = pasha)]
async fn mistaken<T: Copy, U>(
    worker_id: u32,
    value: &T,
    #[out] sum: f64,
    #[out(axis = 2)] row: &mut [T],
    #[scratch] buffer: &mut Vec<T>,
) -> &T {
}
