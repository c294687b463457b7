// Globals of the pages: set by lib/theme.js and by the vendored Chart.js.
interface Window {
  dashboardTheme: { toggle(): void; current(): string | undefined };
  Chart?: any;
}
