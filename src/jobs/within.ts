/** The promise's own end, or a rejection after so many seconds. What comes later is passed over in silence. */
export async function within<Result>(seconds: number, promise: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('there was no answer in time')), seconds * 1000);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
