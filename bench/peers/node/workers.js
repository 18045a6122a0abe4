// Runs a server in two processes that share the port, as a deployment on two cores would.
import cluster from 'node:cluster';

const count = 2;

/** @param prepare runs once, before any worker; @param serve runs in each worker. */
export async function runWorkers(prepare, serve) {
  if (!cluster.isPrimary) {
    await serve();
    return;
  }

  await prepare();
  for (let i = 0; i < count; i++) {
    cluster.fork();
  }

  cluster.on('exit', (worker, code) => {
    console.error(`worker ${worker.process.pid} ended with ${code}`);
    process.exit(1);
  });
}

/** An option of the command line, as in --port 8080. */
export function option(name) {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) {
    throw new Error(`--${name} is missing.`);
  }

  return process.argv[at + 1];
}
