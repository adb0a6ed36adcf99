// How the page is served and built: it may lie in any folder of a web server.
import type { UserConfig } from "vite";

const config: UserConfig = {
  base: "./",
  worker: { format: "es" },
  build: { target: "es2022", sourcemap: true, chunkSizeWarningLimit: 1024 },
};
export default config;
