export class NatterChat extends HTMLElement {
  static define(): void {
    if (!customElements.get('natter-chat')) customElements.define('natter-chat', NatterChat)
  }
}
